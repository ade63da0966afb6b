# Predictors on Linux on another machine: compiles support/microcontroller.cpp and support/linux_board.cpp with CROSS and FLAGS, and
# runs it with QEMU and the headers of weights that this build wrote for MACHINE.
cmake_minimum_required(VERSION 3.22)
include(${CMAKE_CURRENT_LIST_DIR}/run.cmake)
set(folder ${BUILD}/tests/other_linux)
file(MAKE_DIRECTORY ${folder})

separate_arguments(flags UNIX_COMMAND "${FLAGS}")
run(${CROSS} -std=c++20 -O1 -Wall -Wextra -Werror -fno-exceptions -fno-rtti ${flags} -static -I${SOURCE}/include -isystem ${EIGEN}
  -I${HEADERS} -I${HEADERS}/${MACHINE} ${SOURCE}/tests/support/microcontroller.cpp ${SOURCE}/tests/support/linux_board.cpp
  -o ${folder}/${MACHINE})
run(${QEMU} ${folder}/${MACHINE})
message("${output}")
