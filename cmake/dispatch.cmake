# strata_add_dispatch(<name> HEADER <file> NETWORK <type> [TARGETS <target>=<flag>[,<flag>...]...] [LINK <target>...])
#   a static library with the network's code for several instruction sets, of which dispatch<type>() of
#   strata/infer/dispatch.hpp takes the last one that the machine can run.
#   HEADER    declares the network; each target's file includes it, and the one that calls dispatch()
#   NETWORK   its type, as it is spelled there: "app::Net"
#   TARGETS   from the least demanding to the most: "avx2=-march=x86-64-v3". Default: on x86-64 baseline, avx2 and avx512, elsewhere
#             baseline without flags
#   LINK      what the header needs besides strata::safetensors
# What is compiled for one target shares no function with the rest of the program: its objects are relinked, and all symbols but one
# become local. So the rest, and what links it, must be compiled for the least demanding machine. Needs ld and objcopy of the
# binutils. Used by the build and by the installed package.
function(strata_add_dispatch name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "HEADER;NETWORK" "TARGETS;LINK")
  strata_require_safetensors("strata_add_dispatch(${name})")
  foreach(needed HEADER NETWORK)
    if(NOT arg_${needed})
      message(FATAL_ERROR "strata_add_dispatch(${name}) lacks ${needed}; write "
        "strata_add_dispatch(${name} HEADER network.hpp NETWORK app::Net)")
    endif()
  endforeach()
  find_program(STRATA_OBJCOPY objcopy)
  find_program(STRATA_LD NAMES ld.bfd ld)
  if(NOT STRATA_OBJCOPY OR NOT STRATA_LD)
    message(FATAL_ERROR "strata_add_dispatch(${name}) needs ld and objcopy; install binutils")
  endif()
  if(NOT arg_TARGETS)
    set(arg_TARGETS baseline=)
    if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64|amd64)$")
      set(arg_TARGETS baseline=-march=x86-64 avx2=-march=x86-64-v3 avx512=-march=x86-64-v4,-mprefer-vector-width=512)
    endif()
  endif()
  get_filename_component(header ${arg_HEADER} ABSOLUTE)
  set(folder ${CMAKE_CURRENT_BINARY_DIR}/${name})
  set(declared "")
  set(listed "")
  set(objects "")
  foreach(given IN LISTS arg_TARGETS)
    if(NOT given MATCHES "^([A-Za-z0-9_]+)=(.*)$")
      message(FATAL_ERROR "strata_add_dispatch(${name}): the target \"${given}\" is not <name>=<flag>[,<flag>...]; write "
        "avx2=-march=x86-64-v3")
    endif()
    set(target ${CMAKE_MATCH_1})
    string(REPLACE "," ";" flags "${CMAKE_MATCH_2}")
    set(symbol strata_target_${name}_${target})
    file(CONFIGURE OUTPUT ${folder}/${target}.cpp CONTENT
      "#include <strata/infer/define_target.hpp>\n#include \"${header}\"\nSTRATA_DEFINE_TARGET(${symbol}, ${arg_NETWORK});\n")
    add_library(${name}_${target} OBJECT EXCLUDE_FROM_ALL ${folder}/${target}.cpp)
    target_link_libraries(${name}_${target} PRIVATE strata::safetensors ${arg_LINK})
    target_compile_options(${name}_${target} PRIVATE ${flags} $<$<CXX_COMPILER_ID:GNU>:-fno-gnu-unique>)
    set_target_properties(${name}_${target} PROPERTIES INTERPROCEDURAL_OPTIMIZATION OFF POSITION_INDEPENDENT_CODE ON)
    set(object ${folder}/${target}.o)
    add_custom_command(OUTPUT ${object}
      COMMAND ${STRATA_LD} -r --force-group-allocation -o ${folder}/${target}.whole.o $<TARGET_OBJECTS:${name}_${target}>
      COMMAND ${STRATA_OBJCOPY} --keep-global-symbol=${symbol} ${folder}/${target}.whole.o ${object}
      COMMAND ${CMAKE_COMMAND} -E rm ${folder}/${target}.whole.o
      DEPENDS ${name}_${target} $<TARGET_OBJECTS:${name}_${target}> COMMENT "Separating ${name}'s target ${target}"
      COMMAND_EXPAND_LISTS VERBATIM)
    list(APPEND objects ${object})
    string(APPEND declared "extern const strata::infer::TargetCode ${symbol};\n")
    string(APPEND listed "    {\"${target}\", &${symbol}},\n")
  endforeach()
  file(CONFIGURE OUTPUT ${folder}/targets.cpp CONTENT "#include <strata/infer/dispatch.hpp>
#include \"${header}\"
extern \"C\" {
${declared}}
template <>
std::span<const strata::infer::DispatchTarget> strata::infer::targets_of<${arg_NETWORK}>() {
  static const DispatchTarget targets[] = {
${listed}  };
  return targets;
}
")
  add_library(${name} STATIC ${folder}/targets.cpp ${objects})
  set_source_files_properties(${objects} PROPERTIES EXTERNAL_OBJECT TRUE GENERATED TRUE)
  target_link_libraries(${name} PUBLIC strata::safetensors ${arg_LINK})
endfunction()
