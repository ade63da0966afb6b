# What strata::strata needs: Eigen 3.4 to 5, threads, and, only for <strata/xtensor.hpp>, xtensor where it is installed.
# Used by the build and by the installed package. Sets strata_unmet to what is wrong, or to nothing.
#
# Eigen went from 3.4 to 5, and the version files of either refuse a request for the other, so its version is checked here.
set(strata_unmet "")
if(NOT TARGET Eigen3::Eigen)
  find_package(Eigen3 QUIET NO_MODULE)
  if(NOT Eigen3_FOUND)
    set(strata_unmet "Eigen 3.4 to 5 is not installed (libeigen3-dev); CMAKE_PREFIX_PATH or Eigen3_DIR names where it is")
  elseif(Eigen3_VERSION VERSION_LESS 3.4 OR NOT Eigen3_VERSION VERSION_LESS 6)
    set(strata_unmet "Eigen 3.4 to 5 is needed, and ${Eigen3_DIR} has ${Eigen3_VERSION}; Eigen3_DIR chooses another")
  endif()
endif()
find_package(xtensor QUIET)
set(strata_xtensor_FOUND ${xtensor_FOUND})
set(THREADS_PREFER_PTHREAD_FLAG ON)
find_package(Threads QUIET)
if(NOT Threads_FOUND)
  set(strata_unmet "threads are not available")
endif()
