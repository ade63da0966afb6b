// SPDX-License-Identifier: MIT
// What layers make of their options: the window over an input, its padding, the shape that it leaves, and weights.
#pragma once

#include <strata/core/divide.hpp>
#include <strata/core/window.hpp>
#include <strata/graph/declared/builder.hpp>
#include <strata/spec/options.hpp>
#include <strata/spec/size.hpp>

namespace strata::detail {

/// The window of a kernel with the given stride, dilation and padding.
constexpr core::Window given_window(Size kernel, const spec::WindowOptions& o) {
  return {{kernel.height, o.stride.height, o.dilation.height, o.pad[0], o.pad[2]},
          {kernel.width, o.stride.width, o.dilation.width, o.pad[1], o.pad[3]}};
}

constexpr bool is_valid(const core::Axis& a) {
  return a.kernel >= 1 && a.stride >= 1 && a.dilation >= 1 && a.before >= 0 && a.after >= 0;
}
constexpr bool is_valid(const core::Window& w) { return is_valid(w.rows) && is_valid(w.columns); }

/// The axis padded so that there are ceil(in / stride) outputs.
constexpr core::Axis padded_as_same(core::Axis axis, int in) {
  const int missing = axis.reach(core::ceil_divide(in, axis.stride)) - in;
  axis.before = missing > 0 ? missing / 2 : 0;
  axis.after = missing > 0 ? missing - missing / 2 : 0;
  return axis;
}

/// The window over `in`: padded as Same if `same`, else with the given padding. Rejects an invalid window and returns a
/// 1 x 1 window in its place.
constexpr core::Window make_window(graph::Builder& b, graph::SpellFunction spell, Shape in, Size kernel,
                                   const spec::WindowOptions& o, bool same) {
  using graph::Reason;
  core::Window w = given_window(kernel, o);
  if (!is_valid(w)) {
    b.refuse(Reason::size_not_positive, spell, in);
    return {};
  }
  if (same) w = {padded_as_same(w.rows, in.height), padded_as_same(w.columns, in.width)};
  const auto exceeds = [](const core::Axis& a, int size) { return a.extent() > size + a.before + a.after; };
  if (exceeds(w.rows, in.height) || exceeds(w.columns, in.width)) {
    b.refuse(Reason::window_larger_than_input, spell, in, {w.rows.extent(), w.columns.extent(), 0});
    return {};
  }
  return w;
}

/// Rejects a kernel larger than its input unless the declaration says how to pad: PyTorch's order of arguments gives
/// such kernels.
constexpr void check_kernel(graph::Builder& b, graph::SpellFunction spell, Shape in, Size kernel,
                            const spec::WindowOptions& o) {
  if (o.paddings == 0 && (kernel.height > in.height || kernel.width > in.width))
    b.refuse(graph::Reason::kernel_larger_than_input, spell, in, {kernel.height, kernel.width, 0});
}

/// Adds a node that pads x by the padding of a window. Rejects more padding than the mode finds pixels for.
constexpr int add_pad(graph::Builder& b, graph::SpellFunction spell, int x, core::Padding mode, const core::Window& w) {
  const Shape in = b.shape(x);
  const auto lacks_pixels = [&](const core::Axis& a, int size) {
    const int most = mode == core::Padding::reflect ? size - 1 : size;
    return (a.before > most || a.after > most) && (mode == core::Padding::reflect || mode == core::Padding::circular);
  };
  if (lacks_pixels(w.rows, in.height) || lacks_pixels(w.columns, in.width))
    b.refuse(graph::Reason::padding_lacks_pixels, spell, in);
  if (b.refused()) return x;
  return b.add(
      {.op = graph::Op::pad,
       .out = {in.height + w.rows.before + w.rows.after, in.width + w.columns.before + w.columns.after, in.channels},
       .offset_y = w.rows.before,
       .offset_x = w.columns.before,
       .padding = mode},
      x);
}

/// The value that a convolution reads in place of x: with a padding other than zeros, a padded map, over which `w` then
/// slides without padding.
constexpr int padded_input(graph::Builder& b, graph::SpellFunction spell, int x, const spec::WindowOptions& o,
                           core::Window& w) {
  if (o.mode == core::Padding::zeros || !(w.rows.pads() || w.columns.pads())) return x;
  const int padded = add_pad(b, spell, x, o.mode, w);
  w.rows.before = w.rows.after = w.columns.before = w.columns.after = 0;
  return padded;
}

/// What a convolution with these options adds at most.
constexpr graph::Bound convolution_bound(const spec::WindowOptions& o) {
  return {o.mode == core::Padding::zeros ? 1 : 2, 2, 1};
}

/// The window of a pool: its stride is the kernel size unless given. Rejects windows that contain only padding, too.
constexpr core::Window make_pool_window(graph::Builder& b, graph::SpellFunction spell, Shape in, Size kernel,
                                        spec::WindowOptions o) {
  if (o.strides == 0) o.stride = kernel;
  const core::Window w = make_window(b, spell, in, kernel, o, o.same);
  const auto misses = [](const core::Axis& a) { return a.before >= a.extent() || a.after >= a.extent(); };
  if (!b.refused() && (misses(w.rows) || misses(w.columns)))
    b.refuse(graph::Reason::padding_not_smaller_than_window, spell, in);
  return w;
}

/// The axis with as much padding after it as the last window of CeilMode covers.
constexpr core::Axis rounded_up(core::Axis axis, int in) {
  int outputs = core::ceil_divide(in + axis.before + axis.after - axis.extent(), axis.stride) + 1;
  if ((outputs - 1) * axis.stride >= in + axis.before) outputs--;  // it would begin beyond the input
  const int missing = axis.reach(outputs) - in - axis.before;
  if (missing > axis.after) axis.after = missing;
  return axis;
}

/// The window of a pool that was made by make_pool_window, with CeilMode if it is given.
constexpr core::Window rounded_up(const core::Window& w, Shape in, const spec::WindowOptions& o) {
  if (!o.rounds_up) return w;
  return {rounded_up(w.rows, in.height), rounded_up(w.columns, in.width)};
}

/// The output shape of window `w` over `in`.
constexpr Shape slide(Shape in, const core::Window& w, int channels) {
  return {w.rows.outputs(in.height), w.columns.outputs(in.width), channels};
}

/// Adds the weights of a convolution or dense layer and, unless NoBias is given, its bias.
constexpr void add_weights(graph::Builder& b, graph::Node& node, graph::Tensor weight, int outputs,
                           const spec::WindowOptions& o) {
  weight.rate_factor = o.weight_rate, weight.l2_factor = o.weight_l2;
  node.weights = b.parameter(weight);
  if (o.bias)
    node.bias = b.parameter({.role = graph::Role::bias,
                             .rank = 1,
                             .dims = {outputs, 1, 1, 1},
                             .fan_in = weight.fan_in,
                             .fan_out = weight.fan_out,
                             .rate_factor = o.bias_rate,
                             .l2_factor = o.bias_l2});
}

}  // namespace strata::detail
