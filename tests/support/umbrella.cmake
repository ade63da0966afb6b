# <strata/strata.hpp> needs Eigen and the standard library and pulls in no file format, report, MPI or CUDA.
include(${CMAKE_CURRENT_LIST_DIR}/compile_command.cmake)
compile_command(command)
execute_process(COMMAND ${command} -M -x c++ -include ${SOURCE}/include/strata/strata.hpp /dev/null
  RESULT_VARIABLE code OUTPUT_VARIABLE files ERROR_VARIABLE errors)
if(NOT code EQUAL 0)
  message(FATAL_ERROR "strata.hpp does not compile alone:\n${errors}")
endif()
string(REGEX REPLACE "[\\\\ \n]+" ";" files "${files}")
set(wrong "")
foreach(file IN LISTS files)
  if(file MATCHES "/(zlib|zconf|png|pngconf|mpi|cuda_runtime)[.]h$|/(nlohmann|fmt|CLI|spdlog|doctest)/"
     OR file MATCHES "/strata/(report|dist|cuda)/|/strata/data/(idx|png|mnist)[.]|/strata/io/safetensors[.]")
    string(APPEND wrong "  ${file}\n")
  endif()
endforeach()
if(wrong)
  message(FATAL_ERROR "strata.hpp pulls in what should stay a header of its own:\n${wrong}")
endif()
