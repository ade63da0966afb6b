# strata::cuda_headers: the headers of the CUDA Toolkit, for files whose kernels run on a CPU: no compiler of its, no library.
# Where it is not installed the target does not exist, and what needs it is left out.
find_package(CUDAToolkit QUIET)
if(CUDAToolkit_FOUND)
  add_library(strata_cuda_headers INTERFACE)
  add_library(strata::cuda_headers ALIAS strata_cuda_headers)
  target_include_directories(strata_cuda_headers SYSTEM INTERFACE ${CUDAToolkit_INCLUDE_DIRS})
else()
  message(STATUS "the CUDA Toolkit is not installed: the tests of the CUDA back end are left out")
endif()
