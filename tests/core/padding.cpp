// SPDX-License-Identifier: MIT
#include <strata/core/padding.hpp>

#include <doctest/doctest.h>

#include <initializer_list>

using namespace strata::core;

static_assert(padded_source(Padding::zeros, -1, 4) == -1 && padded_source(Padding::zeros, 4, 4) == -1);
static_assert(padded_source(Padding::reflect, -3, 4) == 3 && padded_source(Padding::reflect, 6, 4) == 0);
static_assert(padded_source(Padding::replicate, -9, 4) == 0 && padded_source(Padding::replicate, 9, 4) == 3);
static_assert(padded_source(Padding::circular, -4, 4) == 0 && padded_source(Padding::circular, 7, 4) == 3);

TEST_CASE("each place of a padded axis is a copy of the pixel that is seen there, in order") {
  constexpr int size = 4, before = 3, padded = 9;
  for (Padding padding : {Padding::zeros, Padding::reflect, Padding::replicate, Padding::circular}) {
    int copies = 0, shown = 0;
    for (int pixel = 0; pixel < size; pixel++) {
      int last = -1;
      for_each_copy(padding, pixel, size, before, padded, [&](int place) {
        CHECK(padded_source(padding, place - before, size) == pixel);
        CHECK(place > last);
        last = place, copies++;
      });
    }
    for (int place = 0; place < padded; place++) shown += padded_source(padding, place - before, size) >= 0;
    CHECK(copies == shown);
    CHECK(copies == (padding == Padding::zeros ? size : padded));
  }
}
