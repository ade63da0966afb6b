# strata_add_c_library(<name> <source>... [LINK <target>...]): a shared library that exports the functions of
# strata/infer/c_interface.h and nothing else, neither strata's nor the standard library's. One of its sources has
# STRATA_C_INTERFACE(infer::Networks<...>).
#   LINK   what the sources need besides strata::safetensors, such as strata::native: this machine's vector instructions
# What links <name> finds the header, also in projects of C alone. Used by the build and by the installed package.
function(strata_add_c_library name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "LINK")
  strata_require_safetensors("strata_add_c_library(${name})")
  add_library(${name} SHARED ${arg_UNPARSED_ARGUMENTS})
  target_link_libraries(${name} PRIVATE strata::safetensors ${arg_LINK})
  target_include_directories(${name} INTERFACE $<TARGET_PROPERTY:strata::strata,INTERFACE_INCLUDE_DIRECTORIES>)
  set(script ${CMAKE_CURRENT_BINARY_DIR}/${name}.exports)
  file(CONFIGURE OUTPUT ${script} CONTENT "{ global: strata_*; local: *; };\n")
  set_target_properties(${name} PROPERTIES CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON LINK_DEPENDS ${script})
  target_link_options(${name} PRIVATE LINKER:--version-script=${script})
endfunction()
