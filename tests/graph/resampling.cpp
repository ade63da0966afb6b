// SPDX-License-Identifier: MIT
#include <strata/graph/declared/resampling.hpp>

#include <doctest/doctest.h>

#include <cmath>

using namespace strata::graph;

namespace {

template <class Check>
void for_each_axis(Check check) {
  for (Interpolation mode :
       {Interpolation::half_pixel, Interpolation::aligned_corners, Interpolation::nearest, Interpolation::area})
    for (int in : {1, 2, 3, 5, 8, 13, 40})
      for (int out : {1, 2, 3, 5, 8, 13, 40}) check(Resampling{mode, in, out});
}

}  // namespace

TEST_CASE("the neighbors are inputs, and their weights sum to 1") {
  for_each_axis([](const Resampling& axis) {
    for (int to = 0; to < axis.out; to++) {
      const Neighbors neighbors = axis(to);
      CHECK(neighbors.first >= 0);
      CHECK(neighbors.count >= 1);
      CHECK(neighbors.first + neighbors.count <= axis.in);
      float sum = 0;
      for (int k = 0; k < neighbors.count; k++) sum += neighbors.weight(k);
      CHECK(std::fabs(sum - 1) < 1e-6f);
    }
  });
}

TEST_CASE("an input's readers are between its first and its last") {
  for_each_axis([](const Resampling& axis) {
    for (int from = 0; from < axis.in; from++) {
      CHECK(axis.first_reader(from) >= 0);
      CHECK(axis.last_reader(from) <= axis.out);
      for (int to = 0; to < axis.out; to++)
        if (axis(to).share(from) != 0) {
          CHECK(axis.first_reader(from) <= to);
          CHECK(to < axis.last_reader(from));
        }
    }
  });
}

TEST_CASE("the same size changes nothing, and corners stay corners where they are aligned") {
  for_each_axis([](const Resampling& axis) {
    if (axis.in == axis.out)
      for (int to = 0; to < axis.out; to++) CHECK(axis(to).share(to) == 1);
    if (axis.mode != Interpolation::aligned_corners || axis.out == 1) return;
    CHECK(axis(0).share(0) == 1);
    CHECK(axis(axis.out - 1).share(axis.in - 1) == 1);
  });
}

TEST_CASE("a position between two inputs, by centers or by corners") {
  const Neighbors by_centers = Resampling{Interpolation::half_pixel, 2, 4}(1);
  CHECK(by_centers.first == 0);
  CHECK(by_centers.weight(0) == 0.75f);
  CHECK(by_centers.weight(1) == 0.25f);
  const Neighbors by_corners = Resampling{Interpolation::aligned_corners, 2, 5}(1);
  CHECK(by_corners.weight(0) == 0.75f);
  CHECK(by_corners.weight(1) == 0.25f);
}
