# Predictors on microcontrollers: compiles support/embedded.cpp for a Cortex-M4 and a Cortex-M55, whose objects refer to nothing
# but what references.cmake allows, and runs support/microcontroller.cpp on QEMU's Cortex-M7 with the headers of weights that
# this build wrote.
cmake_minimum_required(VERSION 3.22)
include(${CMAKE_CURRENT_LIST_DIR}/run.cmake)
include(${CMAKE_CURRENT_LIST_DIR}/references.cmake)
get_filename_component(tools ${CROSS} DIRECTORY)
set(board ${SOURCE}/examples/embed/microcontroller)
set(folder ${BUILD}/tests/microcontroller)
file(MAKE_DIRECTORY ${folder})
set(flags -std=c++20 -mthumb -mfloat-abi=hard -O2 -Wall -Wextra -Werror -fno-exceptions -fno-rtti -ffunction-sections -fdata-sections
  -I${SOURCE}/include -I${board} -I${HEADERS} -I${HEADERS}/cortex-m7)

set(m4 -mcpu=cortex-m4 -mfpu=fpv4-sp-d16)
set(m55 -mcpu=cortex-m55)
set(wrong "")
foreach(cpu m4 m55)
  run(${CROSS} ${flags} -O1 ${${cpu}} -c ${SOURCE}/tests/support/embedded.cpp -o ${folder}/${cpu}.o)
  references(more ${tools}/arm-none-eabi-nm ${folder}/${cpu}.o)
  string(APPEND wrong "${more}")
endforeach()
if(wrong)
  message(FATAL_ERROR "A predictor refers to more than memcpy, memmove, memset, mathematics and the compiler's arithmetic:\n${wrong}")
endif()

if(QEMU)
  run(${CROSS} ${flags} -mcpu=cortex-m7 -mfpu=fpv5-d16 ${SOURCE}/tests/support/microcontroller.cpp ${board}/board.cpp
    --specs=nano.specs --specs=nosys.specs -nostartfiles -T ${board}/board.ld -Wl,--gc-sections,--defsym=flash_bytes=0x400000
    -o ${folder}/m7.elf)
  run(${QEMU} -M mps2-an500 -nographic -semihosting -icount shift=0 -kernel ${folder}/m7.elf)
  message("${output}")
endif()
