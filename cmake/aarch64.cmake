# A toolchain that cross-compiles for aarch64: g++-aarch64-linux-gnu compiles, qemu-user runs the tests. Header-only
# libraries (Eigen, doctest, xtensor) are the host's: the compiler searches /usr/include after the target's own folders. The
# host's binary libraries are never used, so zlib, libpng and libjpeg, and the tests that need them, are left out.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_CXX_COMPILER aarch64-linux-gnu-g++)
set(CMAKE_FIND_ROOT_PATH /usr/aarch64-linux-gnu)
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE NEVER)
file(GLOB strata_host_xtensor /usr/lib/*-linux-gnu/cmake/xtensor)  # headers, in a folder named after the host
list(APPEND CMAKE_PREFIX_PATH ${strata_host_xtensor})

find_program(STRATA_QEMU qemu-aarch64)
if(STRATA_QEMU)
  set(CMAKE_CROSSCOMPILING_EMULATOR ${STRATA_QEMU} -L /usr/aarch64-linux-gnu)
endif()
