# What calls strata from other languages: a shared library with the C interface, its header in C.
if(TARGET strata::safetensors)
  strata_add_c_library(strata_test_c_library support/languages/library.cpp LINK strata::developer)
  set_target_properties(strata_test_c_library PROPERTIES EXCLUDE_FROM_ALL ON)
  target_compile_options(strata_test_c_library PRIVATE ${STRATA_KERNEL_TEST_FLAGS})  # as the models that it is compared with
endif()

# The header in C, and what a library exports.
function(strata_language_tests)
  if(NOT TARGET strata_test_c_library)
    return()
  endif()
  strata_script_test(languages/c_header c_header C_COMPILER=${CMAKE_C_COMPILER})
  if(STRATA_NM)
    strata_script_test(languages/c_exports c_exports NM=${STRATA_NM} LIBRARY=$<TARGET_FILE:strata_test_c_library>)
    strata_built_for_test(languages/c_exports strata_test_c_library)
  endif()
endfunction()
