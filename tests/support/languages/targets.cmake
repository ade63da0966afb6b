# What calls strata from other languages: a shared library with the C interface, its header in C, a Python with numpy.
if(TARGET strata::safetensors)
  strata_add_c_library(strata_test_c_library support/languages/library.cpp LINK strata::developer)
  set_target_properties(strata_test_c_library PROPERTIES EXCLUDE_FROM_ALL ON)
  target_compile_options(strata_test_c_library PRIVATE ${STRATA_KERNEL_TEST_FLAGS})  # as the models that it is compared with
endif()

# The header in C, what a library exports, and a wheel of the Python module.
function(strata_language_tests)
  if(NOT TARGET strata_test_c_library)
    return()
  endif()
  strata_script_test(languages/c_header c_header C_COMPILER=${CMAKE_C_COMPILER})
  if(STRATA_NM)
    strata_script_test(languages/c_exports c_exports NM=${STRATA_NM} LIBRARY=$<TARGET_FILE:strata_test_c_library>)
    strata_built_for_test(languages/c_exports strata_test_c_library)
  endif()
  if(TARGET strata_test_python AND NOT STRATA_TESTS STREQUAL "library")
    execute_process(COMMAND ${strata_python_with_numpy} -c "import pip, scikit_build_core"
      RESULT_VARIABLE code OUTPUT_QUIET ERROR_QUIET)
    if(code EQUAL 0)
      strata_script_test(languages/wheel wheel PYTHON=${strata_python_with_numpy})
    else()
      message(STATUS "test languages/wheel is left out: scikit-build-core is not installed for ${strata_python_with_numpy}")
    endif()
  endif()
endfunction()

# strata_test_python: what a test that starts Python needs to know. Python is the one that CMake finds, or Debian's, whichever has
# numpy. It cannot load what is compiled for a sanitizer.
if(TARGET strata_networks AND NOT STRATA_SANITIZED AND NOT CMAKE_CROSSCOMPILING)
  find_package(Python3 3.9 COMPONENTS Interpreter QUIET)
  foreach(python IN LISTS STRATA_PYTHON Python3_EXECUTABLE ITEMS /usr/bin/python3)
    execute_process(COMMAND ${python} -c "import sys, numpy; assert sys.version_info >= (3, 9)"
      RESULT_VARIABLE code OUTPUT_QUIET ERROR_QUIET)
    if(code EQUAL 0)
      set(strata_python_with_numpy ${python})
      break()
    endif()
  endforeach()
  if(DEFINED strata_python_with_numpy)
    add_library(strata_test_python INTERFACE)
    get_target_property(folder strata_networks BINARY_DIR)
    target_compile_definitions(strata_test_python INTERFACE STRATA_PYTHON="${strata_python_with_numpy}" STRATA_MODULE_FOLDER="${folder}"
      STRATA_MODULE_TEST="${CMAKE_CURRENT_SOURCE_DIR}/support/languages/module_test.py"
      STRATA_MODULE_NETWORKS="${PROJECT_SOURCE_DIR}/examples/embed/python/networks.hpp")
  else()
    message(STATUS "the Python module is not tested: no Python 3.9 with numpy is installed; STRATA_PYTHON may name one")
  endif()
endif()
