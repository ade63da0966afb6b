# strata::kernels and strata::native_kernels: strata::strata and strata::native with all code that depends on no network
# compiled once, as a library of the project that uses it, and only if something links it. Used by the build and by the
# installed package.
#
# strata_add_kernels(<name> [<target or flag>...]): such a library for other flags, given as targets to link and compiler
# flags: strata_add_kernels(app_kernels strata::strata -march=x86-64-v3). What links it gets the same flags: a program
# whose files and kernels differ in them does not link (strata/cpu/same_flags.hpp).
function(strata_add_kernels name)
  set(folder ${CMAKE_CURRENT_BINARY_DIR}/${name})
  foreach(part functions instances)
    string(TOUPPER ${part} macro)
    file(CONFIGURE OUTPUT ${folder}/${part}.cpp
      CONTENT "#define STRATA_KERNELS_${macro}\n#include <strata/define_kernels.hpp>\n")
  endforeach()
  add_library(${name} STATIC EXCLUDE_FROM_ALL ${folder}/functions.cpp ${folder}/instances.cpp)
  foreach(given IN LISTS ARGN)
    if(given MATCHES "^-" AND NOT TARGET ${given})
      target_compile_options(${name} PUBLIC ${given})
    else()
      target_link_libraries(${name} PUBLIC ${given})
    endif()
  endforeach()
  target_compile_definitions(${name} PUBLIC $<$<COMPILE_LANGUAGE:CXX>:STRATA_KERNELS>)
  # So that -Wl,--gc-sections leaves out the kernels that no node uses, as without this library.
  target_compile_options(${name} PRIVATE -ffunction-sections)
endfunction()

if(NOT TARGET strata_kernels)
  strata_add_kernels(strata_kernels strata::strata)
  add_library(strata::kernels ALIAS strata_kernels)
  strata_add_kernels(strata_native_kernels strata::native)
  add_library(strata::native_kernels ALIAS strata_native_kernels)
endif()
