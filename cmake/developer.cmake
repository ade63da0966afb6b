# Build settings for this project's own programs, tests and benchmarks only.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Release, Debug" FORCE)
endif()

# For what calls the C interface. Programs of C link libraries of C++, so a sanitizer is for both.
enable_language(C)
if(STRATA_SANITIZED)
  set(CMAKE_C_FLAGS_DEBUG "${CMAKE_CXX_FLAGS_DEBUG}")
endif()

# Ninja compiles as many files in parallel as cores and memory allow: a template-heavy file may need 1.5 GB.
cmake_host_system_information(RESULT cores QUERY NUMBER_OF_LOGICAL_CORES)
cmake_host_system_information(RESULT memory QUERY TOTAL_PHYSICAL_MEMORY)  # MiB
math(EXPR compiles "${memory} / 1536")
if(compiles GREATER cores)
  set(compiles ${cores})
elseif(compiles LESS 1)
  set(compiles 1)
endif()
set_property(GLOBAL PROPERTY JOB_POOLS compile=${compiles})
set(CMAKE_JOB_POOL_COMPILE compile)

# gcc spends a tenth of its time on garbage collection to save memory: reduce it where memory is plentiful.
math(EXPR room "${memory} / ${compiles}")
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND room GREATER 4096)
  add_compile_options($<$<COMPILE_LANGUAGE:CXX>:--param=ggc-min-heapsize=800000> $<$<COMPILE_LANGUAGE:CXX>:--param=ggc-min-expand=200>)
endif()

find_program(STRATA_CCACHE ccache)
if(STRATA_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${STRATA_CCACHE})
endif()

# strata::developer: warnings and the vector instructions of this machine (or those of STRATA_ARCHITECTURE, e.g.
# "-march=x86-64", to test the code for narrower vectors).
set(STRATA_ARCHITECTURE "native" CACHE STRING "Architecture flags of the project's own programs and tests")
add_library(strata_developer INTERFACE)
add_library(strata::developer ALIAS strata_developer)
target_compile_options(strata_developer INTERFACE -Wall -Wextra)
if(STRATA_ARCHITECTURE STREQUAL "native")
  target_link_libraries(strata_developer INTERFACE strata::native)
else()
  separate_arguments(architecture UNIX_COMMAND "${STRATA_ARCHITECTURE}")
  target_link_libraries(strata_developer INTERFACE strata::strata)
  target_compile_options(strata_developer INTERFACE ${architecture})
endif()

# Extra flags for the programs and the benchmarks: presets for tests optimize them less.
set(STRATA_PROGRAM_FLAGS "" CACHE STRING "Additional flags of the programs")
set(STRATA_BENCH_FLAGS "" CACHE STRING "Additional flags of the benchmarks")

# strata_missing(<result> <target>...): the targets that do not exist because their library is not installed.
function(strata_missing result)
  set(missing "")
  foreach(library IN LISTS ARGN)
    if(NOT TARGET ${library})
      list(APPEND missing ${library})
    endif()
  endforeach()
  set(${result} "${missing}" PARENT_SCOPE)
endfunction()
