// SPDX-License-Identifier: MIT
// Convolutions with every kind of window as graphs, and their results by the reference.
#pragma once

#include <strata/cuda/runtime/description.hpp>
#include <strata/reference/linear.hpp>

#include <array>
#include <cmath>

namespace strata::testing {

using namespace cuda;
using reference::Doubles;

struct Case {
  long batch, channels, height, width, filters, groups;
  core::Window window;
};

// clang-format off
inline const Case cases[] = {
    {2, 8, 7, 6, 16, 1, core::Window::square(core::Axis::same(3))},
    {3, 5, 6, 9, 7, 1, {}},
    {1, 24, 9, 8, 32, 1, core::Window::square({.stride = 2})},
    {2, 3, 11, 10, 6, 1, {{.kernel = 7, .stride = 2, .before = 3, .after = 1}, {.kernel = 5, .stride = 3, .before = 2}}},
    {2, 6, 12, 13, 4, 1, {core::Axis::same(3, 4), core::Axis::same(3, 6)}},
    {2, 8, 6, 5, 12, 4, {{.kernel = 3, .after = 2}, {.kernel = 2, .before = 1}}},
    {2, 6, 7, 7, 12, 6, {{.kernel = 3, .stride = 2, .before = 1, .after = 1}, core::Axis::same(3)}},
    {3, 16, 5, 4, 10, 1, {{.kernel = 5}, {.kernel = 4}}},  // dense
};
// clang-format on

inline std::array<long, 4> output_dims(const Case& c) {
  return {c.batch, c.filters, c.window.rows.outputs(int(c.height)), c.window.columns.outputs(int(c.width))};
}

/// The tensors x, w, y of a case, and a graph with the operation that computes one of them from the other two.
struct Convolution {
  GraphDescription graph;
  int x, w, y;
};
inline Convolution convolution(const Case& c, GraphOp op, Element element, Compute compute) {
  Convolution out;
  const auto add = [&](const std::array<long, 4>& d, bool made) {
    return out.graph.add(channels_innermost(d[0], d[1], d[2], d[3], element, made ? Flow::output : Flow::input));
  };
  out.graph.compute = compute;
  out.x = add({c.batch, c.channels, c.height, c.width}, op == GraphOp::input_gradient);
  out.w = add({c.filters, c.channels / c.groups, c.window.rows.kernel, c.window.columns.kernel},
              op == GraphOp::weight_gradient);
  out.y = add(output_dims(c), op == GraphOp::convolution);
  GraphOperation o{.op = op};
  o.x = op == GraphOp::input_gradient ? out.y : out.x;
  o.w = op == GraphOp::weight_gradient ? out.y : out.w;
  o.y = op == GraphOp::convolution ? out.y : op == GraphOp::input_gradient ? out.x : out.w;
  const core::Window& w = c.window;
  o.pad_before = {w.rows.before, w.columns.before};
  o.pad_after = {w.rows.after, w.columns.after};
  o.stride = {w.rows.stride, w.columns.stride};
  o.dilation = {w.rows.dilation, w.columns.dilation};
  out.graph.operations = {o};
  return out;
}

/// Computes one of x, w, y from the other two by the reference, each group of channels as a separate convolution.
inline void refer(const Case& c, GraphOp op, Doubles& x, Doubles& w, Doubles& y) {
  const std::array<long, 4> yd = output_dims(c);
  const long in = c.channels / c.groups, out = c.filters / c.groups;
  const Shape xs{int(c.height), int(c.width), int(in)}, ys{int(yd[2]), int(yd[3]), int(out)};
  Doubles& made = op == GraphOp::convolution ? y : op == GraphOp::input_gradient ? x : w;
  made.assign(std::size_t(op == GraphOp::convolution      ? yd[0] * yd[1] * yd[2] * yd[3]
                          : op == GraphOp::input_gradient ? c.batch * c.channels * c.height * c.width
                                                          : c.filters * in * c.window.taps()),
              0);
  for (long n = 0; n < c.batch; n++)
    for (long g = 0; g < c.groups; g++) {
      const reference::Map xm{x.data() + (n * c.groups + g) * xs.size(), xs},
          ym{y.data() + (n * c.groups + g) * ys.size(), ys};
      double* weights = w.data() + g * out * in * c.window.taps();
      if (op == GraphOp::convolution) reference::linear(graph::Op::convolution, c.window, weights, nullptr, xm, ym);
      else if (op == GraphOp::input_gradient)
        reference::linear_input_gradient(graph::Op::convolution, c.window, weights, ym, xm);
      else reference::linear_weight_gradient(graph::Op::convolution, c.window, xm, ym, weights, nullptr);
    }
}

/// The largest difference relative to the largest expected value.
inline double difference(const Doubles& given, const Doubles& expected) {
  REQUIRE(given.size() == expected.size());
  return testing::relative_distance(given.data(), expected.data(), long(expected.size()));
}

}  // namespace strata::testing
