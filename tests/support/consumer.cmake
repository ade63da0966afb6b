# Builds and runs a project that uses strata, as its users would: tests/consumer/WAY, or for `tutorial` the project that
# examples/tutorial/README.md shows, after an install into an empty prefix where it finds the package.
cmake_minimum_required(VERSION 3.22)
include(${CMAKE_CURRENT_LIST_DIR}/run.cmake)
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

# How fast a program runs matters only with find_package, which is optimized as CMake does by default.
set(options "-DCMAKE_CXX_FLAGS_RELEASE=-O0 -DNDEBUG")
if(WAY STREQUAL "find_package")  # as where xtensor is not installed
  set(options -DCMAKE_DISABLE_FIND_PACKAGE_xtensor=ON)
elseif(WAY STREQUAL "kernels")  # which link with nothing that is not optimized
  set(options "-DCMAKE_CXX_FLAGS_RELEASE=-O1 -DNDEBUG")
elseif(WAY STREQUAL "tutorial")  # whose program trains
  set(options "-DCMAKE_CXX_FLAGS_RELEASE=-O1 -DNDEBUG")
endif()
if(NOT WAY STREQUAL "add_subdirectory")
  run(${CMAKE_COMMAND} --install ${BUILD} --prefix ${work}/prefix)
endif()
run(${CMAKE_COMMAND} -S ${project} -B ${work}/build -G ${GENERATOR}
  -DCMAKE_BUILD_TYPE=Release -DCMAKE_CXX_COMPILER=${COMPILER}
  -DCMAKE_PREFIX_PATH=${work}/prefix -DSTRATA_SOURCE=${SOURCE}
  -DSTRATA_CUDNN_FRONTEND=${CUDNN_FRONTEND} "${options}")
run(${CMAKE_COMMAND} --build ${work}/build)
set(arguments "")
if(WAY STREQUAL "benchmark")
  set(arguments --list)
endif()
run(${work}/build/${program} ${arguments})
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

if(WAY STREQUAL "benchmark")
  function(refused wanted)
    execute_process(COMMAND ${work}/build/${program} ${ARGN} WORKING_DIRECTORY ${work}
      RESULT_VARIABLE code OUTPUT_VARIABLE output ERROR_VARIABLE output)
    if(NOT code EQUAL 2 OR NOT output MATCHES "^consumer: [^\n]*${wanted}[^\n]*\n$")
      message(FATAL_ERROR "${ARGN} should be refused with the status 2 and the sentence ${wanted}; it is ${code}:\n${output}")
    endif()
  endfunction()
  if(NOT output MATCHES "Halves/inference .*Halves/training .*lanes, nhwc, reference")
    message(FATAL_ERROR "--list does not name the network's uses and back ends")
  endif()
  run(${work}/build/${program} --table Halves/training --batch 16 --rounds 3 --csv nodes.csv)
  file(STRINGS ${work}/nodes.csv rows REGEX "^[0-9]+,convolution")
  if(NOT output MATCHES "Halves/training, batch 16, [0-9]+ threads?, median of 3" OR NOT rows)
    message(FATAL_ERROR "--table has no convolution:\n${output}")
  endif()
  refused("there is no network 'Quarters'; choose one of Halves/inference, Halves/training" --table Quarters)
  refused("--csv: one file holds one table" --table Halves --csv nodes.csv)
  refused("--tunes: is not an option" --tunes Halves)
  refused("missing[.]json" --compare missing.json missing.json)
  foreach(run before after)  # short samples: what they say does not matter here
    run(${work}/build/${program} --batch 16 --threads 2 --benchmark_filter=Halves/inference --benchmark_min_time=0.001
      --benchmark_repetitions=10 --benchmark_enable_random_interleaving=true --benchmark_out=${run}.json --roofline page.html)
  endforeach()
  file(READ ${work}/before.json json)
  file(READ ${work}/page.html page)
  foreach(wanted "\"run_name\": \"Halves/inference/whole/lanes/batch:16/threads:2\"" "\"of_roof\": [0-9]"
      "\"run_name\": \"Halves/inference/node:1 convolution 0/batch:16/threads:2\"" "\"machine/fma\"" "\"machine/memory\"")
    if(NOT json MATCHES "${wanted}")
      message(FATAL_ERROR "the results have no ${wanted}:\n${json}")
    endif()
  endforeach()
  if(NOT page MATCHES "Roofline of Halves/inference/batch:16/threads:2.*<svg.*node:1 convolution 0")
    message(FATAL_ERROR "the page shows no convolution")
  endif()
  execute_process(COMMAND ${work}/build/${program} --compare before.json after.json WORKING_DIRECTORY ${work}
    RESULT_VARIABLE code OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT code MATCHES "^[01]$" OR NOT output MATCHES "Halves/inference/whole/lanes/batch:16/threads:2")
    message(FATAL_ERROR "--compare ended with ${code}:\n${output}")
  endif()
endif()
