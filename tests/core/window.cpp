// SPDX-License-Identifier: MIT
#include <strata/core/window.hpp>

#include <doctest/doctest.h>

#include <vector>

using namespace strata::core;

static_assert(Axis::same(3) == Axis{.kernel = 3, .before = 1, .after = 1});
static_assert(Axis::same(5, 6) == Axis{.kernel = 5, .dilation = 6, .before = 12, .after = 12});
static_assert(Axis::tiles(2) == Axis{.kernel = 2, .stride = 2});
static_assert(Window{}.taps() == 1 && Window{{.kernel = 3}, {.kernel = 5}}.taps() == 15);
static_assert(Window::square(Axis::same(3)) == Window{Axis::same(3), Axis::same(3)});

namespace {

/// Axes with every stride, dilation and padding up to 3, and every kernel up to 4.
std::vector<Axis> all_axes() {
  std::vector<Axis> axes;
  for (int kernel = 1; kernel <= 4; kernel++)
    for (int stride = 1; stride <= 3; stride++)
      for (int dilation = 1; dilation <= 3; dilation++)
        for (int before = 0; before <= 3; before++)
          for (int after = 0; after <= 3; after++) axes.push_back({kernel, stride, dilation, before, after});
  return axes;
}

}  // namespace

TEST_CASE("an axis that keeps the size reads the output's own position through its middle tap") {
  for (int kernel : {1, 3, 5, 7})
    for (int dilation : {1, 2, 6}) {
      const Axis axis = Axis::same(kernel, dilation);
      for (int in : {1, 4, 40}) CHECK(axis.outputs(in) == in);
      for (int out : {0, 3}) CHECK(axis.source(out, kernel / 2) == out);
    }
}

TEST_CASE("the first output begins with the padding, the last fits, and one more would not") {
  for (const Axis& axis : all_axes())
    for (int in = axis.extent(); in < 16; in++) {
      const int outputs = axis.outputs(in);
      CHECK(axis.source(0) == -axis.before);
      CHECK(axis.source(outputs - 1, axis.kernel - 1) < in + axis.after);
      CHECK(axis.source(outputs, axis.kernel - 1) >= in + axis.after);
    }
}

TEST_CASE("taps are a dilation apart, outputs a stride") {
  for (const Axis& axis : all_axes()) {
    CHECK(axis.source(2, axis.kernel - 1) - axis.source(2) == axis.extent() - 1);
    CHECK(axis.source(3) - axis.source(2) == axis.stride);
    CHECK(axis.reach(4) == axis.source(3, axis.kernel - 1) - axis.source(0) + 1);
  }
}

TEST_CASE("a map that the outputs cover exactly has that many outputs, and a smaller one fewer") {
  for (const Axis& axis : all_axes())
    for (int out = 4; out < 9; out++) {
      CHECK(axis.outputs(axis.inputs(out)) == out);
      CHECK(axis.outputs(axis.inputs(out) - 1) < out);
    }
}

TEST_CASE("the mirrored axis reads, between zeros, the outputs that read an input") {
  for (const Axis& axis : all_axes()) {
    const Axis mirrored = axis.mirrored();
    CHECK(mirrored.outputs((8 - 1) * axis.stride + 1) == axis.inputs(8));
    for (int out = 0; out < 8; out++)
      for (int tap = 0; tap < axis.kernel; tap++) {
        const int in = axis.source(out, tap);
        CHECK(mirrored.source(in, axis.kernel - 1 - tap) == out * axis.stride);
      }
  }
}

TEST_CASE("only padded axes pad") {
  CHECK(!Axis{.kernel = 3}.pads());
  CHECK((Axis{.before = 1}.pads() && Axis{.after = 1}.pads()));
}
