# The functions that tests/CMakeLists.txt is written in.

# doctest's main, compiled once. Whoever runs a test with real data sets STRATA_DATA; without it tests make their own.
add_library(strata_test_main OBJECT support/main.cpp)
target_link_libraries(strata_test_main PUBLIC strata::developer doctest::doctest)

# A predictor as a program without exceptions and run-time types has it.
add_library(strata_test_embedded OBJECT support/embedded.cpp)
target_link_libraries(strata_test_embedded PUBLIC strata::developer)
target_compile_options(strata_test_embedded PRIVATE -fno-exceptions -fno-rtti)

function(strata_test name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "TIMEOUT" "LINK;ARGS")
  strata_missing(missing ${arg_LINK})
  if(missing)
    message(STATUS "test ${name} is left out: needs ${missing}")
    return()
  endif()
  string(REPLACE "/" "_" target "test_${name}")
  add_executable(${target} ${name}.cpp)
  target_link_libraries(${target} PRIVATE strata_test_main ${arg_LINK})
  set_target_properties(${target} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests/bin)
  add_test(NAME ${name} COMMAND ${target} ${arg_ARGS} WORKING_DIRECTORY ${PROJECT_BINARY_DIR}/tests)
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 300)
  endif()
  set_tests_properties(${name} PROPERTIES TIMEOUT ${arg_TIMEOUT})
endfunction()

# strata_script_test(<name> <script> [VAR=value]...): runs a CMake script of tests/support.
function(strata_script_test name script)
  set(definitions "")
  foreach(definition IN LISTS ARGN)
    list(APPEND definitions "-D${definition}")
  endforeach()
  add_test(NAME ${name} COMMAND ${CMAKE_COMMAND} -DSOURCE=${PROJECT_SOURCE_DIR} -DBUILD=${PROJECT_BINARY_DIR}
    -DCOMPILER=${CMAKE_CXX_COMPILER} ${definitions} -P ${CMAKE_CURRENT_SOURCE_DIR}/support/${script}.cmake)
  set_tests_properties(${name} PROPERTIES TIMEOUT 900)
endfunction()

function(strata_source_tests)
  strata_script_test(list/complete list_complete)
  strata_script_test(headers/arrows arrows)
  strata_script_test(headers/umbrella umbrella)
  file(GLOB folders LIST_DIRECTORIES true RELATIVE ${PROJECT_SOURCE_DIR}/include/strata
    ${PROJECT_SOURCE_DIR}/include/strata/*)
  foreach(folder IN LISTS folders)
    if(IS_DIRECTORY ${PROJECT_SOURCE_DIR}/include/strata/${folder})
      strata_script_test(headers/alone/${folder} alone PATTERN=${folder}/*.hpp)
    endif()
  endforeach()
  strata_script_test(headers/alone/umbrellas alone PATTERN=*.hpp)
endfunction()

function(strata_reject_tests)
  file(GLOB sources CONFIGURE_DEPENDS RELATIVE ${CMAKE_CURRENT_SOURCE_DIR}/reject reject/*.cpp)
  foreach(source IN LISTS sources)
    string(REGEX REPLACE "[.]cpp$" "" name ${source})
    strata_script_test(reject/${name} reject FILE=${CMAKE_CURRENT_SOURCE_DIR}/reject/${source})
  endforeach()
endfunction()

function(strata_consumer_tests)
  foreach(way find_package add_subdirectory)
    strata_script_test(consumer/${way} consumer WAY=${way} GENERATOR=${CMAKE_GENERATOR})
  endforeach()
endfunction()
