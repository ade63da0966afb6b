# The kernels of the loss keep a large GPU busy: of the threads that an H100 can hold, at least half are resident, for 8
# street scenes of 720 x 960. Computed from the registers that ptxas reports for sm_90 and from the blocks of the launch.
cmake_minimum_required(VERSION 3.22)
set(work ${BUILD}/tests/occupancy)
file(MAKE_DIRECTORY ${work})
set(processors 132)          # of an H100; each has
set(registers_in_all 65536)  # given to warps of 32 threads, 8 per thread at a time
set(most_warps 64)

file(WRITE ${work}/launches.cpp "#include <strata/cuda/kernels/any_loss.hpp>
#include <cstdio>
void strata::cuda::launch_on_host(Stream, const char*, std::function<void()>, const void*, long) {}
cudaError_t cudaGetLastError() { return cudaSuccess; }
const char* cudaGetErrorName(cudaError_t) { return \"\"; }
const char* cudaGetErrorString(cudaError_t) { return \"\"; }
int main() {
  using namespace strata::cuda;
  const long scores = 8L * 720 * 960, values = 8L * 180 * 240 * 11;
  std::printf(\"%d;%ld;%ld;%ld\", threads_per_block, blocks_for(kernels::loss_parts(scores)), blocks_for(values), blocks_for(11 * scores));
}
")
execute_process(COMMAND ${COMPILER} -std=c++20 -I${SOURCE}/include -isystem ${CUDA_INCLUDE} ${work}/launches.cpp -o ${work}/launches
  RESULT_VARIABLE code ERROR_VARIABLE errors)
if(NOT code EQUAL 0)
  message(FATAL_ERROR "the program that prints the launches does not compile:\n${errors}")
endif()
execute_process(COMMAND ${work}/launches OUTPUT_VARIABLE launches COMMAND_ERROR_IS_FATAL ANY)
list(GET launches 0 threads)
set(launched_LossOfPixels 1)
set(launched_EnlargedLossGradient 2)
set(launched_LossGradient 3)

file(WRITE ${work}/loss.cu "#include <strata/cuda/kernels/any_loss.hpp>
void loss(const strata::cuda::Call& call) { strata::cuda::kernels::loss(call); }
")
execute_process(COMMAND ${NVCC} -std=c++20 --expt-relaxed-constexpr -O2 -arch=sm_90 -Xptxas -v -I${SOURCE}/include
    -cubin ${work}/loss.cu -o ${work}/loss.cubin
  RESULT_VARIABLE code OUTPUT_VARIABLE report ERROR_VARIABLE report)
if(NOT code EQUAL 0)
  message(FATAL_ERROR "nvcc for sm_90:\n${report}")
endif()
string(REGEX MATCHALL "Compiling entry function '[^']*'|Used [0-9]+ registers" lines "${report}")
set(checked 0)
foreach(line IN LISTS lines)
  if(line MATCHES "(EnlargedLossGradient|LossOfPixels|LossGradient)I(f|6__half|13__nv_bfloat16)E")
    set(kernel ${CMAKE_MATCH_1})
    set(element ${CMAKE_MATCH_2})
  elseif(line MATCHES "Used ([0-9]+)" AND kernel)
    set(registers ${CMAKE_MATCH_1})
    list(GET launches ${launched_${kernel}} blocks)
    math(EXPR warps_of_block "${threads} / 32")
    math(EXPR fit "${registers_in_all} / ((${registers} + 7) / 8 * 8 * ${threads})")
    math(EXPR resident "100 * ${fit} * ${warps_of_block} / ${most_warps}")
    math(EXPR launched "100 * ${blocks} * ${warps_of_block} / (${processors} * ${most_warps})")
    set(percent ${resident})
    if(launched LESS percent)
      set(percent ${launched})
    endif()
    if(percent GREATER 100)
      set(percent 100)
    endif()
    message("${kernel}<${element}>: ${registers} registers, ${blocks} blocks of ${threads} threads: ${percent} %")
    if(percent LESS 50)
      message(FATAL_ERROR "${kernel}<${element}> keeps ${percent} % of an H100's threads resident; at least 50 %")
    endif()
    math(EXPR checked "${checked} + 1")
    set(kernel "")
  else()
    set(kernel "")
  endif()
endforeach()
if(NOT checked EQUAL 9)
  message(FATAL_ERROR "${checked} kernels of the loss were found, not 3 for each of 3 element types:\n${report}")
endif()
