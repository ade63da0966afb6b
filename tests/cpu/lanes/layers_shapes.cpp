// SPDX-License-Identifier: MIT
// The layers, run with images in vector lanes: reshapes, slices, shuffles, padding, signals.
#include <strata/cpu/lanes/training.hpp>

#include "../../support/check_backend.hpp"
#include "../../support/cpu_lanes.hpp"

using namespace strata;
using namespace strata::testing;

namespace {

constexpr auto check = []<class Net>() {
  if constexpr (cpu::lanes::supports<Net>()) check_backend<Lanes, Net>();
};
/// Every move, without the depthwise and transposed convolutions that this program lacks.
using Moves =
    Classifier<Image<5, 6, 2>, Conv<3, 8, Replicate>, Split<Part<"a", 3>, Part<"b", 5>>, PixelShuffle<2>,
               Crop<9, 8, Offset<1, 2>>, PadTo<11, 12, Offset<2, 0>, Circular>, PadTo<12, 14, Offset<0, 1>>,
               PixelUnshuffle<2>, ChannelShuffle<4>, Conv<3, 5, Reflect>,
               Sum<Identity, Sequential<From<"b">, PadTo<6, 7>>, Sequential<From<"a">, PadTo<6, 7>, Conv<1, 5>>>>;

}  // namespace

static_assert(cpu::lanes::supports<Moves>());
TEST_CASE("every move") { check_backend<Lanes, Moves>(); }
TEST_CASE("reshapes, slices, shuffles, padding") { for_each_case(ShapeCases{}, check); }
TEST_CASE("signals") { for_each_case(SignalCases{}, check); }
