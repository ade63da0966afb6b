// SPDX-License-Identifier: MIT
// The oracle itself: its gradients against central differences of its own loss, in double, for every layer. A
// derivative that is off by more than a few parts in ten million fails.
#include <strata/reference/check_gradients.hpp>

#include <doctest/doctest.h>

#include <string>

#include "../support/layer_cases.hpp"

using namespace strata;
using namespace strata::testing;

namespace {

constexpr auto check = []<class Net>() {
  INFO(std::string(spelling_of<Net>()));
  CHECK(reference::check_network<Net>().why == "");
};

}  // namespace

TEST_CASE("convolutions") { for_each_case(ConvolutionCases{}, check); }
TEST_CASE("channel counts around the vector width") { for_each_case(ChannelCases{}, check); }
TEST_CASE("transposed, depthwise, dense") { for_each_case(OtherLinearCases{}, check); }
TEST_CASE("batch norm") { for_each_case(NormCases{}, check); }
TEST_CASE("norms of images") { for_each_case(ImageNormCases{}, check); }
TEST_CASE("activations, dropout, softmax") { for_each_case(ActivationCases{}, check); }
TEST_CASE("pools") { for_each_case(PoolCases{}, check); }
TEST_CASE("joins and taps") { for_each_case(JoinCases{}, check); }
TEST_CASE("several sources and heads") { for_each_case(HeadCases{}, check); }
TEST_CASE("resize and crop") { for_each_case(ResizeCases{}, check); }
TEST_CASE("maps of other rows and columns") { for_each_case(ResampleCases{}, check); }
TEST_CASE("reshapes, slices, shuffles, padding") { for_each_case(ShapeCases{}, check); }
TEST_CASE("signals") { for_each_case(SignalCases{}, check); }
