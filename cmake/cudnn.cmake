# strata::cudnn: what <strata/cuda/cudnn/define_cudnn.hpp> needs: the CUDA runtime and the headers of cuDNN 9 and of its front end.
# Sets strata_cudnn_FOUND; if something is missing, a status line says what. Used by the build and by the installed package.
#
# cuDNN and the driver are opened at run time, not linked: cudnn/load.hpp says why. The front end's macro for that is defined
# here, so that all files of a program are compiled with it.
set(strata_cudnn_FOUND FALSE)
set(strata_cuda_wants "")
set(strata_python_folders "")

find_package(CUDAToolkit 12 QUIET)
if(CUDAToolkit_FOUND)
  # A Python environment has the same headers in <folder>/include and <folder>/nvidia/cudnn.
  find_program(STRATA_PYTHON python3)
  if(STRATA_PYTHON)
    execute_process(
      COMMAND ${STRATA_PYTHON} -c "import site; print(';'.join(site.getsitepackages() + [site.getusersitepackages()]))"
      OUTPUT_VARIABLE strata_python_folders OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  endif()
  list(TRANSFORM strata_python_folders APPEND /nvidia/cudnn OUTPUT_VARIABLE strata_cudnn_folders)

  find_path(STRATA_CUDNN_INCLUDE cudnn_version.h HINTS ${CUDAToolkit_INCLUDE_DIRS} ${strata_cudnn_folders}
    PATH_SUFFIXES include DOC "Folder of cuDNN's headers")
  find_library(STRATA_CUDNN_LIBRARY NAMES cudnn libcudnn.so.9
    HINTS ${CUDAToolkit_LIBRARY_DIR} ${strata_cudnn_folders} PATH_SUFFIXES lib lib64 DOC "libcudnn")
  find_path(STRATA_CUDNN_FRONTEND cudnn_frontend.h
    HINTS ${CMAKE_BINARY_DIR}/../cudnn_frontend ${strata_python_folders} PATH_SUFFIXES include
    DOC "Folder of the headers of cuDNN's front end")
  set(strata_cudnn_version 0)
  if(STRATA_CUDNN_INCLUDE)
    file(STRINGS ${STRATA_CUDNN_INCLUDE}/cudnn_version.h strata_cudnn_version REGEX "#define CUDNN_MAJOR")
    string(REGEX REPLACE "[^0-9]*([0-9]+).*" "\\1" strata_cudnn_version "${strata_cudnn_version}")
  endif()

  if(NOT STRATA_CUDNN_LIBRARY OR strata_cudnn_version LESS 9)
    set(strata_cuda_wants "cuDNN 9 or its headers are not installed")
  elseif(NOT STRATA_CUDNN_FRONTEND)
    set(strata_cuda_wants "the headers of cuDNN's front end are not installed (python3 -m pip download --no-deps \
nvidia-cudnn-frontend, unzip the wheel, and -DSTRATA_CUDNN_FRONTEND=<its folder include>)")
  endif()
else()
  set(strata_cuda_wants "the CUDA toolkit is not installed")
endif()

if(strata_cuda_wants)
  message(STATUS "strata::cudnn is left out: ${strata_cuda_wants}")
else()
  set(strata_cudnn_FOUND TRUE)
  if(NOT TARGET strata::cudnn)
    get_filename_component(strata_cudnn_folder ${STRATA_CUDNN_LIBRARY} DIRECTORY)
    add_library(strata::cudnn INTERFACE IMPORTED)
    set_target_properties(strata::cudnn PROPERTIES IMPORTED_GLOBAL TRUE)
    target_include_directories(strata::cudnn INTERFACE ${STRATA_CUDNN_FRONTEND} ${STRATA_CUDNN_INCLUDE})
    target_compile_definitions(strata::cudnn INTERFACE NV_CUDNN_FRONTEND_USE_DYNAMIC_LOADING)
    target_link_libraries(strata::cudnn INTERFACE strata::strata CUDA::cudart ${CMAKE_DL_LIBS})
    target_link_options(strata::cudnn INTERFACE -Wl,-rpath,${strata_cudnn_folder})
  endif()
endif()
