# The API reference builds without a warning, and each public name says what docs_complete.py asks of it.
cmake_minimum_required(VERSION 3.22)
execute_process(COMMAND ${CMAKE_COMMAND} -DSOURCE=${SOURCE} -DBUILD=${BUILD} -DFORMAT=XML -DDOXYGEN=${DOXYGEN} -DVERSION=0
  -P ${SOURCE}/cmake/docs/build.cmake RESULT_VARIABLE code)
if(NOT code EQUAL 0)
  message(FATAL_ERROR "The API reference cannot be built: see above")
endif()
execute_process(COMMAND ${PYTHON} ${CMAKE_CURRENT_LIST_DIR}/docs_complete.py ${SOURCE} ${BUILD}/docs/xml RESULT_VARIABLE code)
if(NOT code EQUAL 0)
  message(FATAL_ERROR "Comments of public names are incomplete: see above")
endif()
