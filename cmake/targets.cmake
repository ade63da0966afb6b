# The library's targets. strata::strata is the headers and what they need, without architecture flags. strata::native,
# strata::kernels, the file formats, strata::cudnn and strata::nccl are in separate files, which the installed package uses too.
include(GNUInstallDirs)
include(${CMAKE_CURRENT_LIST_DIR}/dependencies.cmake)
if(strata_unmet)
  message(FATAL_ERROR "strata: ${strata_unmet}")
endif()
if(NOT xtensor_FOUND)
  message(STATUS "<strata/xtensor.hpp> is left out: xtensor is not installed")
endif()

add_library(strata INTERFACE)
add_library(strata::strata ALIAS strata)
target_compile_features(strata INTERFACE cxx_std_20)
target_include_directories(strata INTERFACE
  $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
target_link_libraries(strata INTERFACE Eigen3::Eigen Threads::Threads)
if(xtensor_FOUND)  # the installed package looks for it where it is used
  target_link_libraries(strata INTERFACE $<BUILD_INTERFACE:xtensor>)
endif()
# gcc warns about attributes that a vector type loses as a template argument; they do not matter there.
target_compile_options(strata INTERFACE $<$<COMPILE_LANG_AND_ID:CXX,GNU>:-Wno-ignored-attributes>)

include(${CMAKE_CURRENT_LIST_DIR}/native.cmake)
include(${CMAKE_CURRENT_LIST_DIR}/kernels.cmake)
include(${CMAKE_CURRENT_LIST_DIR}/formats.cmake)
foreach(format IN LISTS strata_formats)
  strata_format(${format})
endforeach()
include(${CMAKE_CURRENT_LIST_DIR}/cudnn.cmake)
include(${CMAKE_CURRENT_LIST_DIR}/nccl.cmake)
