# Builds and runs a project that uses strata, as its users would: tests/consumer/WAY, or for `tutorial` the project that
# examples/tutorial/README.md shows, after an install into an empty prefix where it finds the package.
cmake_minimum_required(VERSION 3.22)
set(work ${BUILD}/tests/consumer/${WAY})
file(REMOVE_RECURSE ${work})
file(MAKE_DIRECTORY ${work})
set(project ${SOURCE}/tests/consumer/${WAY})
set(program consumer)
if(WAY STREQUAL "tutorial")
  file(READ ${SOURCE}/examples/tutorial/README.md page)
  if(NOT page MATCHES "\n```cmake\n([^`]*add_executable[(]([a-z]+) ([0-9a-z_]+[.]cpp)[)][^`]*)```\n")
    message(FATAL_ERROR "examples/tutorial/README.md shows no project with a program")
  endif()
  set(project ${work}/project)
  set(program ${CMAKE_MATCH_2})
  file(WRITE ${project}/CMakeLists.txt "${CMAKE_MATCH_1}")
  file(COPY ${SOURCE}/examples/tutorial/${CMAKE_MATCH_3} DESTINATION ${project})
endif()
function(run)
  execute_process(COMMAND ${ARGN} WORKING_DIRECTORY ${work}
    RESULT_VARIABLE code OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT code EQUAL 0)
    string(REPLACE ";" " " command "${ARGN}")
    message(FATAL_ERROR "${command}\n${output}")
  endif()
  set(output "${output}" PARENT_SCOPE)
endfunction()

if(NOT WAY STREQUAL "add_subdirectory")
  run(${CMAKE_COMMAND} --install ${BUILD} --prefix ${work}/prefix)
endif()
run(${CMAKE_COMMAND} -S ${project} -B ${work}/build -G ${GENERATOR}
  -DCMAKE_BUILD_TYPE=Release -DCMAKE_CXX_COMPILER=${COMPILER}
  -DCMAKE_PREFIX_PATH=${work}/prefix -DSTRATA_SOURCE=${SOURCE}
  -DSTRATA_CUDNN_FRONTEND=${CUDNN_FRONTEND})
run(${CMAKE_COMMAND} --build ${work}/build)
run(${work}/build/${program})
message("${output}")

if(WAY STREQUAL "kernels")
  execute_process(COMMAND ${CMAKE_COMMAND} --build ${work}/build --target other_flags
    RESULT_VARIABLE code OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(code EQUAL 0 OR NOT output MATCHES "strata_kernels_has_other_flags_than_this_file::which_has<[^\n]*optimization<false>")
    message(FATAL_ERROR "A program with other flags than its kernels should not link, and the linker should say so:\n${output}")
  endif()
endif()

if(WAY STREQUAL "experiment")  # each kind of candidate is a row, and the same command has nothing left to do
  file(READ ${work}/runs/consumer/results.csv csv)
  file(READ ${work}/runs/consumer/report.html page)
  foreach(wanted IN ITEMS
      "\nwidth=2 head=Softmax,2,Softmax,trained,1,4,2,1,"
      "\nwidth=3 head=Softmax,3,Softmax,crashed,[^\n]*SIGABRT"
      "\nwidth=2 head=Identity,2,Identity,does not compile,[^\n]*softmax")
    if(NOT csv MATCHES "${wanted}")
      message(FATAL_ERROR "results.csv has no row ${wanted}:\n${csv}")
    endif()
  endforeach()
  if(csv MATCHES "width=40" OR NOT page MATCHES "6 points, 4 candidates within the budgets, 4 tried, 3 failed")
    message(FATAL_ERROR "the candidate over budget was not left out:\n${csv}")
  endif()
  run(${work}/build/${program})
  if(NOT output MATCHES "0 trainings now, 5 from the journal")
    message(FATAL_ERROR "the second run did not take everything from the journal:\n${output}")
  endif()
  run(${CMAKE_COMMAND} --build ${work}/build)
  if(NOT output MATCHES "no work to do|Nothing to be done|Built target consumer\n")
    message(FATAL_ERROR "the second build was not up to date:\n${output}")
  endif()
endif()
