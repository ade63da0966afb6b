# Builds and runs a project that uses strata, as its users would: tests/consumer/WAY, after an install into an empty
# prefix where it finds the package.
cmake_minimum_required(VERSION 3.22)
set(work ${BUILD}/tests/consumer/${WAY})
file(REMOVE_RECURSE ${work})
function(run)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE code OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT code EQUAL 0)
    string(REPLACE ";" " " command "${ARGN}")
    message(FATAL_ERROR "${command}\n${output}")
  endif()
  set(output "${output}" PARENT_SCOPE)
endfunction()

if(NOT WAY STREQUAL "add_subdirectory")
  run(${CMAKE_COMMAND} --install ${BUILD} --prefix ${work}/prefix)
endif()
run(${CMAKE_COMMAND} -S ${SOURCE}/tests/consumer/${WAY} -B ${work}/build -G ${GENERATOR}
  -DCMAKE_BUILD_TYPE=Release -DCMAKE_CXX_COMPILER=${COMPILER}
  -DCMAKE_PREFIX_PATH=${work}/prefix -DSTRATA_SOURCE=${SOURCE}
  -DSTRATA_CUDNN_FRONTEND=${CUDNN_FRONTEND})
run(${CMAKE_COMMAND} --build ${work}/build)
run(${work}/build/consumer)
message("${output}")
