# strata_test_cudnn: cuDNN's library, from strata::cuda where that is built. strata_fake_driver: a driver without a
# device. Neither exists under sanitizers, as cuDNN itself is not built with them, nor in a cross build.
# STRATA_TEST_CUDNN_FLAGS: the flags with which scripts compile the headers of the CUDA back end.
set(STRATA_TEST_CUDNN_FLAGS "")
if(TARGET strata::cudnn AND NOT STRATA_SANITIZED AND NOT CMAKE_CROSSCOMPILING)
  if(TARGET strata::cuda)  # a test takes from the archive what it does not define itself
    add_library(strata_test_cudnn INTERFACE)
    target_link_libraries(strata_test_cudnn INTERFACE strata::developer strata::cuda)
  else()
    add_library(strata_test_cudnn OBJECT EXCLUDE_FROM_ALL support/cuda/cudnn.cpp)
    target_link_libraries(strata_test_cudnn PUBLIC strata::developer strata::cudnn)
    target_compile_options(strata_test_cudnn PRIVATE ${STRATA_OTHER_TEST_FLAGS})
  endif()
  find_library(STRATA_CUDA_STUB cuda NO_DEFAULT_PATH
    PATHS ${CUDAToolkit_LIBRARY_DIR}/stubs ${CUDAToolkit_LIBRARY_ROOT}/lib64/stubs DOC "The toolkit's stub of libcuda")
  if(STRATA_CUDA_STUB)
    add_subdirectory(support/cuda/fake_driver)
  endif()
  get_target_property(STRATA_TEST_CUDNN_FLAGS strata::cudnn INTERFACE_INCLUDE_DIRECTORIES)
  list(APPEND STRATA_TEST_CUDNN_FLAGS ${CUDAToolkit_INCLUDE_DIRS})
  list(REMOVE_DUPLICATES STRATA_TEST_CUDNN_FLAGS)
  list(TRANSFORM STRATA_TEST_CUDNN_FLAGS REPLACE "(.+)" "-isystem \"\\1\"")
  list(APPEND STRATA_TEST_CUDNN_FLAGS -DNV_CUDNN_FRONTEND_USE_DYNAMIC_LOADING)
  list(JOIN STRATA_TEST_CUDNN_FLAGS " " STRATA_TEST_CUDNN_FLAGS)
endif()
