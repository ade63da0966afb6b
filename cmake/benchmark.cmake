# strata_add_benchmark(<name> SOURCES <file>... [LINK <target>...]): a program that measures the networks which its
# sources declare, with STRATA_BENCHMARK(Net); of <strata/benchmark.hpp>. LINK: what the sources need; without a target
# of strata among them, strata::native is linked. Used by the build and by the installed package.
#
# Google Benchmark (libbenchmark-dev), nlohmann-json (nlohmann-json3-dev) and oneDNN 2 (libdnnl-dev) are used where they
# are installed; a status line says what the program lacks without one of them.

# oneDNN 2: Debian's CMake package of it requires the OpenCL headers, which nothing here needs.
find_path(STRATA_DNNL_INCLUDE oneapi/dnnl/dnnl_version.h)
find_library(STRATA_DNNL_LIBRARY dnnl)
mark_as_advanced(STRATA_DNNL_INCLUDE STRATA_DNNL_LIBRARY)

function(strata_add_benchmark name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;LINK")
  if(NOT arg_SOURCES OR arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "strata_add_benchmark(${name}): SOURCES are needed, the files that declare the networks, and nothing else "
      "than SOURCES and LINK is understood; given: ${ARGN}")
  endif()
  set(link ${arg_LINK})
  if(NOT "${arg_LINK}" MATCHES "strata::")
    list(APPEND link strata::native)
  endif()
  set(has "")
  set(lacks "")
  find_package(benchmark QUIET)
  if(benchmark_FOUND)
    list(APPEND link benchmark::benchmark)
    list(APPEND has STRATA_BENCHMARK_GOOGLE)
  else()
    list(APPEND lacks "the cases, which need Google Benchmark (libbenchmark-dev)")
  endif()
  find_package(nlohmann_json QUIET)
  if(nlohmann_json_FOUND)
    list(APPEND link nlohmann_json::nlohmann_json)
    list(APPEND has STRATA_BENCHMARK_JSON)
  else()
    list(APPEND lacks "--compare, --against and --roofline, which need nlohmann-json (nlohmann-json3-dev)")
  endif()
  set(dnnl_major "")
  if(STRATA_DNNL_INCLUDE)
    file(STRINGS ${STRATA_DNNL_INCLUDE}/oneapi/dnnl/dnnl_version.h dnnl_major REGEX "#define DNNL_VERSION_MAJOR 2$")
  endif()
  if(dnnl_major AND STRATA_DNNL_LIBRARY)
    list(APPEND link ${STRATA_DNNL_LIBRARY})
    list(APPEND has STRATA_BENCHMARK_ONEDNN)
  else()
    list(APPEND lacks "--onednn, which needs oneDNN 2 (libdnnl-dev)")
  endif()
  if(lacks)
    list(JOIN lacks "; " lacks)
    message(STATUS "${name} is built without ${lacks}")
  endif()

  set(main ${CMAKE_CURRENT_BINARY_DIR}/${name}.benchmark/main.cpp)
  file(CONFIGURE OUTPUT ${main} CONTENT "#include <strata/benchmark/main.hpp>
int main(int argc, char** argv) { return strata::benchmarks::benchmark_main(argc, argv, \"${name}\"); }
" @ONLY)
  set_source_files_properties(${main} PROPERTIES COMPILE_DEFINITIONS "${has}")
  if(STRATA_BENCHMARK_ONEDNN IN_LIST has)
    set_source_files_properties(${main} PROPERTIES COMPILE_OPTIONS "-isystem${STRATA_DNNL_INCLUDE}")
  endif()
  add_executable(${name} ${main} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE ${link})
  set_target_properties(${name} PROPERTIES CXX_STANDARD 20)
endfunction()
