// SPDX-License-Identifier: MIT
// The layers, run node by node: transposed and depthwise convolutions, dense.
#include <strata/cpu/nhwc/training.hpp>

#include "../../support/check_backend.hpp"
#include "../../support/cpu_nhwc.hpp"

using namespace strata;
using namespace strata::testing;

TEST_CASE("transposed and depthwise convolutions, dense") {
  for_each_case(OtherLinearCases{}, []<class Net>() { check_backend<Nhwc, Net>(); });
}

// Sums of whole vectors stay in registers; the last vector overlaps another one.
TEST_CASE("depthwise convolutions of many channels") {
  check_backend<Nhwc, Classifier<Image<7, 9, 70>, DepthwiseConv<3>, DepthwiseConv<5, Stride<2>>, DepthwiseConv<3>>>();
  check_backend<Nhwc, Classifier<Image<9, 8, 40>, DepthwiseConv<3, Dilation<2>, Pad<3, 1>>, DepthwiseConv<7, Pad<3>>,
                                 DepthwiseConv<Size{3, 2}, Stride<3>, NoBias>>>();
  check_backend<Nhwc, Classifier<Image<12, 11, 33>, DepthwiseConv<5, Pad<4>>, DepthwiseConv<3, Stride<2>, Dilation<2>>,
                                 DepthwiseConv<3, Stride<2>>>>();
}
