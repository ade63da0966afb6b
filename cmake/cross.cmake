# What the toolchain files that cross-compile for Linux have in common. They set `triple` (Debian's name of the machine) and
# `emulator` (of qemu-user): g++-TRIPLE compiles, QEMU runs the tests. Header-only libraries (Eigen, doctest, xtensor) are the
# host's: the compiler searches /usr/include after the target's own folders. The host's binary libraries are never used, so zlib,
# libpng and libjpeg, and the tests that need them, are left out.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_CXX_COMPILER ${triple}-g++)
set(CMAKE_FIND_ROOT_PATH /usr/${triple})
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE NEVER)
file(GLOB strata_host_xtensor /usr/lib/*-linux-gnu/cmake/xtensor)  # headers, in a folder named after the host
list(APPEND CMAKE_PREFIX_PATH ${strata_host_xtensor})

find_program(STRATA_QEMU NAMES ${emulator} ${emulator}-static)
if(STRATA_QEMU)
  set(CMAKE_CROSSCOMPILING_EMULATOR ${STRATA_QEMU} -L /usr/${triple})
endif()
