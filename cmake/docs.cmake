# The target docs: the API reference as HTML, in <build>/docs/html/index.html, if Doxygen is installed.
find_program(STRATA_DOXYGEN doxygen)
if(STRATA_DOXYGEN)
  add_custom_target(docs
    COMMAND ${CMAKE_COMMAND} -DSOURCE=${PROJECT_SOURCE_DIR} -DBUILD=${PROJECT_BINARY_DIR} -DFORMAT=HTML
      -DDOXYGEN=${STRATA_DOXYGEN} -DVERSION=${PROJECT_VERSION} -P ${CMAKE_CURRENT_LIST_DIR}/docs/build.cmake
    COMMENT "Building the API reference: ${PROJECT_BINARY_DIR}/docs/html/index.html" VERBATIM)
else()
  message(STATUS "the API reference (target docs) is left out: Doxygen is not installed")
endif()
