# strata::cuda_headers: the headers of the CUDA Toolkit without its compiler and libraries, for kernels that run on a CPU.
# strata::cuda: the GPU back end, <strata/cuda.hpp>: strata's kernels for CMAKE_CUDA_ARCHITECTURES and cuDNN's front end,
# compiled once. A program that uses it adds one .cu with STRATA_INSTANTIATE_CUDA(Net), and calls
# strata_cuda_sources(<target>) for its flags.
# If nvcc is missing, strata::cuda is left out with a status line. Used by the build and by the installed package.
set(strata_cuda_wanted ON)
if(DEFINED PROJECT_IS_TOP_LEVEL AND PROJECT_NAME STREQUAL "strata" AND NOT PROJECT_IS_TOP_LEVEL)
  set(strata_cuda_wanted OFF)  # a project that adds strata as a folder asks for it, as it brings a language along
endif()
option(STRATA_CUDA "Compile the GPU back end if nvcc, cuDNN and its front end are installed" ${strata_cuda_wanted})
find_package(CUDAToolkit 12 QUIET)
if(CUDAToolkit_FOUND AND NOT TARGET strata::cuda_headers)
  add_library(strata::cuda_headers INTERFACE IMPORTED GLOBAL)
  target_include_directories(strata::cuda_headers INTERFACE ${CUDAToolkit_INCLUDE_DIRS})
endif()

set(strata_cuda_FOUND FALSE)
if(STRATA_CUDA AND TARGET strata::cudnn AND NOT CMAKE_CROSSCOMPILING)
  include(CheckLanguage)
  check_language(CUDA)
  if(CMAKE_CUDA_COMPILER)
    if(NOT DEFINED CMAKE_CUDA_ARCHITECTURES)
      include(${CMAKE_CURRENT_LIST_DIR}/cuda_architectures.cmake)
      strata_cuda_architectures(strata_default_architectures ${CUDAToolkit_VERSION})
      set(CMAKE_CUDA_ARCHITECTURES ${strata_default_architectures} CACHE STRING "GPUs that kernels are compiled for")
    endif()
    enable_language(CUDA)
    if(NOT CMAKE_CUDA20_STANDARD_COMPILE_OPTION)  # CMake 3.25 does not know what nvcc 12 and later can
      set(CMAKE_CUDA20_STANDARD_COMPILE_OPTION -std=c++20)
      set(CMAKE_CUDA20_EXTENSION_COMPILE_OPTION -std=c++20)
    endif()
    set(strata_cuda_FOUND TRUE)
  else()
    message(STATUS "strata::cuda is left out: nvcc is not installed")
  endif()
endif()

# strata_cuda_sources(<target>): sets the flags of its .cu files: constexpr functions may be called in device code.
function(strata_cuda_sources target)
  target_compile_options(${target} PRIVATE $<$<COMPILE_LANGUAGE:CUDA>:--expt-relaxed-constexpr>)
endfunction()

if(strata_cuda_FOUND AND NOT TARGET strata_cuda)
  set(strata_cuda_folder ${CMAKE_CURRENT_BINARY_DIR}/strata_cuda)
  file(CONFIGURE OUTPUT ${strata_cuda_folder}/cudnn.cpp CONTENT "#include <strata/cuda/cudnn/define_cudnn.hpp>\n")
  file(CONFIGURE OUTPUT ${strata_cuda_folder}/engine.cpp CONTENT "#include <strata/cuda/cudnn/define_engine.hpp>\n")
  file(CONFIGURE OUTPUT ${strata_cuda_folder}/kernels.cu CONTENT "#include <strata/cuda/kernels/define_kernels.hpp>\n")
  add_library(strata_cuda STATIC EXCLUDE_FROM_ALL
    ${strata_cuda_folder}/cudnn.cpp ${strata_cuda_folder}/engine.cpp ${strata_cuda_folder}/kernels.cu)
  add_library(strata::cuda ALIAS strata_cuda)
  target_link_libraries(strata_cuda PUBLIC strata::cudnn)
  # cuDNN's front end builds plans once per network: optimizing it takes a minute to compile and saves milliseconds.
  set_source_files_properties(${strata_cuda_folder}/cudnn.cpp PROPERTIES COMPILE_OPTIONS $<$<CONFIG:Release>:-O1>)
  strata_cuda_sources(strata_cuda)
endif()
