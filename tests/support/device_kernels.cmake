# The library's own kernels as nvcc compiles them for three generations: none uses a stack or spills a register. The device
# code of a network compiles for every GPU that programs are compiled for by default, with each toolkit. Headers that nvcc
# compiles never include Eigen. The register counts of the kernels are written to device_kernels.txt.
cmake_minimum_required(VERSION 3.22)
set(work ${BUILD}/tests/device_kernels)
file(MAKE_DIRECTORY ${work})
set(sources "")
foreach(header kernels/define_kernels instantiate)
  get_filename_component(name ${header} NAME)
  file(WRITE ${work}/${name}.cu "#include <strata/cuda/${header}.hpp>\n")
  execute_process(COMMAND ${COMPILER} -std=c++20 -M -x c++ -I${SOURCE}/include -isystem ${CUDA_INCLUDE} ${work}/${name}.cu
    RESULT_VARIABLE code OUTPUT_VARIABLE headers ERROR_VARIABLE errors)
  if(NOT code EQUAL 0 OR headers MATCHES "Eigen")
    message(FATAL_ERROR "strata/cuda/${header}.hpp, which nvcc compiles, does not compile without Eigen:\n${errors}")
  endif()
endforeach()

include(${SOURCE}/cmake/cuda_architectures.cmake)
foreach(expected
    "12.0.140 70-real 75-real 80-real 86-real 89-real 90"
    "12.6.85 70-real 75-real 80-real 86-real 89-real 90"
    "12.8.61 70-real 75-real 80-real 86-real 89-real 90-real 100-real 120"
    "13.0.88 75-real 80-real 86-real 89-real 90-real 100-real 120")
  separate_arguments(expected)
  list(POP_FRONT expected toolkit)
  strata_cuda_architectures(given ${toolkit})
  if(NOT given STREQUAL expected)
    message(FATAL_ERROR "with CUDA ${toolkit} programs are compiled for ${given} by default, not for ${expected}")
  endif()
endforeach()

# nvcc_compiles(<file> <sm> <report>): the file as code of one GPU, and what ptxas reports
function(nvcc_compiles file sm report)
  execute_process(COMMAND ${NVCC} -std=c++20 --expt-relaxed-constexpr -O2 -arch=sm_${sm} -Xptxas -v -I${SOURCE}/include
      -cubin ${work}/${file}.cu -o ${work}/${file}.cubin
    RESULT_VARIABLE code OUTPUT_VARIABLE text ERROR_VARIABLE text)
  if(NOT code EQUAL 0)
    message(FATAL_ERROR "${file}.cu, nvcc for sm_${sm}:\n${text}")
  endif()
  set(${report} "${text}" PARENT_SCOPE)
endfunction()

file(WRITE ${work}/network.cu "#include <strata/cuda/instantiate.hpp>
#include <strata/models/digits.hpp>
STRATA_INSTANTIATE_CUDA(strata::models::Digits<>)
")
strata_cuda_architectures(architectures ${TOOLKIT})
foreach(architecture IN LISTS architectures)
  string(REPLACE -real "" sm ${architecture})
  nvcc_compiles(network ${sm} report)
  message("sm_${sm}: the device code of a network")
endforeach()

set(table "")
foreach(sm 80 90 100)
  if(TOOLKIT VERSION_LESS 12.8 AND sm EQUAL 100)
    continue()
  endif()
  nvcc_compiles(define_kernels ${sm} report)
  string(REGEX MATCHALL "[0-9]+ bytes stack frame, [0-9]+ bytes spill stores, [0-9]+ bytes spill loads" frames "${report}")
  list(LENGTH frames kernels)
  list(REMOVE_DUPLICATES frames)
  if(kernels LESS 100 OR NOT frames STREQUAL "0 bytes stack frame, 0 bytes spill stores, 0 bytes spill loads")
    message(FATAL_ERROR "sm_${sm}: of ${kernels} kernels some have a stack or spill registers: ${frames}\n${report}")
  endif()
  string(REGEX MATCHALL "Compiling entry function '[^']*'|Used [0-9]+ registers" lines "${report}")
  set(most 0)
  foreach(line IN LISTS lines)
    if(line MATCHES "'(.*)'")
      set(kernel ${CMAKE_MATCH_1})
    elseif(line MATCHES "[0-9]+")
      string(APPEND table "sm_${sm} ${CMAKE_MATCH_0} ${kernel}\n")
      if(CMAKE_MATCH_0 GREATER most)
        set(most ${CMAKE_MATCH_0})
      endif()
    endif()
  endforeach()
  message("sm_${sm}: ${kernels} kernels, no spills, at most ${most} registers")
endforeach()
file(WRITE ${BUILD}/tests/device_kernels.txt "${table}")
