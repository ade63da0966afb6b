# A predictor's object code refers to nothing that a microcontroller lacks (references.cmake).
cmake_minimum_required(VERSION 3.22)
include(${CMAKE_CURRENT_LIST_DIR}/references.cmake)
references(wrong ${NM} ${OBJECTS})
if(wrong)
  message(FATAL_ERROR "A predictor refers to more than memcpy, memmove, memset, mathematics and the compiler's arithmetic:\n${wrong}")
endif()
