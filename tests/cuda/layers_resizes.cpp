// SPDX-License-Identifier: MIT
// The layers on the device that stands in for a GPU: resize and crop.
#include "../support/check_backend.hpp"
#include "../support/gpu_backend.hpp"

using namespace strata::testing;

TEST_CASE("resize and crop") {
  for_each_case(ResizeCases{}, []<class Net>() { check_gpu<Net>(); });
}
TEST_CASE("maps of other rows and columns") {
  for_each_case(ResampleCases{}, []<class Net>() { check_gpu<Net>(); });
}
TEST_CASE("a convolution of low and enlarged maps") {
  for_each_case(DecoderCases{}, []<class Net>() { check_gpu<Net>(); });
}
