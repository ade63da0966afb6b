// SPDX-License-Identifier: MIT
// The layers, run node by node: resize and crop.
#include <strata/cpu/nhwc/training.hpp>

#include "../../support/check_backend.hpp"
#include "../../support/cpu_nhwc.hpp"

using namespace strata::testing;

TEST_CASE("resize and crop") {
  for_each_case(ResizeCases{}, []<class Net>() { check_backend<Nhwc, Net>(); });
}
TEST_CASE("maps of other rows and columns") {
  for_each_case(ResampleCases{}, []<class Net>() { check_backend<Nhwc, Net>(); });
}
TEST_CASE("a convolution of low and enlarged maps") {
  for_each_case(DecoderCases{}, []<class Net>() { check_backend<Nhwc, Net>(); });
}
