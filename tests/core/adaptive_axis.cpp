// SPDX-License-Identifier: MIT
#include <strata/core/adaptive_axis.hpp>

#include <doctest/doctest.h>

using namespace strata::core;

static_assert(AdaptiveAxis{8, 4}.as_axis() == Axis::tiles(2));
static_assert(AdaptiveAxis{5, 2}.as_axis() == Axis{.kernel = 3, .stride = 2});
static_assert(AdaptiveAxis{7, 3}.is_regular() && AdaptiveAxis{9, 1}.is_regular() && AdaptiveAxis{6, 6}.is_regular());
static_assert(!AdaptiveAxis{7, 4}.is_regular() && !AdaptiveAxis{3, 6}.is_regular() && !AdaptiveAxis{1, 2}.is_regular());

namespace {

template <class Check>
void for_each_size(Check check) {
  for (int in = 1; in <= 13; in++)
    for (int out = 1; out <= 13; out++) check(AdaptiveAxis{in, out});
}

}  // namespace

TEST_CASE("the windows cover all elements in order, none is empty, and neighbors share at most one") {
  for_each_size([](AdaptiveAxis axis) {
    CHECK(axis.begin(0) == 0);
    CHECK(axis.end(axis.out - 1) == axis.in);
    for (int o = 0; o < axis.out; o++) CHECK(axis.begin(o) < axis.end(o));
    for (int o = 1; o < axis.out; o++) {
      CHECK(axis.begin(o) <= axis.end(o - 1));
      CHECK(axis.begin(o) >= axis.end(o - 1) - 1);
    }
  });
}

TEST_CASE("an element's readers are the windows that contain it") {
  for_each_size([](AdaptiveAxis axis) {
    for (int i = 0; i < axis.in; i++)
      for (int o = 0; o < axis.out; o++)
        CHECK((axis.begin(o) <= i && i < axis.end(o)) == (axis.readers().begin(i) <= o && o < axis.readers().end(i)));
  });
}

TEST_CASE("a regular axis has the windows of a plain one") {
  for_each_size([](AdaptiveAxis axis) {
    if (!axis.is_regular()) return;
    CHECK(axis.as_axis().outputs(axis.in) == axis.out);
    for (int o = 0; o < axis.out; o++) CHECK(axis.as_axis().source(o) == axis.begin(o));
  });
}
