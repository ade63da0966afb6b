// SPDX-License-Identifier: MIT
// Convolutions, those in groups too.
#pragma once

#include <strata/spec/functor.hpp>
#include <strata/spec/times.hpp>
#include <strata/spec/windowed.hpp>

namespace strata {

namespace detail {

/// Adds a convolution to the current network, as a layer of that kind. rank: of the weights, 4, or 3 if the kernel has
/// one row.
constexpr int lower_convolution(graph::Builder& b, int x, const char* kind, graph::SpellFunction spell, Size kernel,
                                int channels, const spec::WindowOptions& o, int rank) {
  b.begin(kind, spell);
  const Shape in = b.shape(x);
  check_options(b, spell, in, o, {.exact = true, .groups = true, .modes = true});
  const int out = output_channels(b, spell, in, channels);
  if (!b.refused() && (o.groups < 1 || in.channels % o.groups != 0 || out % o.groups != 0))
    b.refuse(graph::Reason::groups_do_not_divide, spell, in);
  check_kernel(b, spell, in, kernel, o);
  core::Window w = make_window(b, spell, in, kernel, o, o.paddings == 0 || o.same);
  if (!b.refused()) x = padded_input(b, spell, x, o, w);
  if (b.refused()) return x;
  using graph::Op;
  const int inputs = in.channels / o.groups, outputs = out / o.groups;  // of a group
  const Op op = o.groups == 1 ? Op::convolution : inputs == 1 ? Op::depthwise_convolution : Op::grouped_convolution;
  graph::Node node{.op = op, .out = slide(b.shape(x), w, out), .window = w, .products = o.products};
  if (op == Op::grouped_convolution) node.groups = o.groups;
  graph::Tensor weight{.rank = rank,
                       .dims = {out, inputs, w.rows.kernel, w.columns.kernel},
                       .fan_in = inputs * w.taps(),
                       .fan_out = outputs * w.taps()};
  if (rank == 3) weight.dims[2] = w.columns.kernel, weight.dims[3] = 1;
  add_weights(b, node, weight, out, o);
  return b.add(node, x);
}

}  // namespace detail

/// Convolution with `Channels` output channels: a number, or Times<...> of the input's.
/// y[o, r, c] = b[o] + sum over i, k, l of w[o, i, k, l] x[i, r stride + k dilation - pad, ...], as PyTorch's Conv2d.
/// H x W x C -> H' x W' x Channels: with Same, the default, H' = ceil(H / stride); with Pad,
/// H' = floor((H + top + bottom - dilation (kernel - 1) - 1) / stride) + 1; W' likewise. Options: Stride, Dilation, Pad
/// or Same, Reflect, Replicate or Circular in place of zeros, Groups, NoBias, Exact, RateFactor, L2Factor. Weights
/// OIHW, where I is the input channels of one group; bias O. Refuses a window larger than the padded input, a kernel
/// larger than the input unless Pad or Same is given, and groups that do not divide the channels.
template <Size Kernel, int Channels = 0, class... Option>
struct Conv {
  using functors = spec::type_list<>;
  /// What its options say.
  static constexpr spec::WindowOptions options = detail::parse_options<Option...>();
  static constexpr graph::Bound bound = detail::convolution_bound(options);
  static constexpr void spell(core::Text& out) {
    out << "Conv<" << Kernel << ", ";
    detail::spell_channels(out, Channels);
    detail::spell_options<Option...>(out);
    out << '>';
  }
  static constexpr int lower(graph::Builder& b, int x) {
    return detail::lower_convolution(b, x, "Conv", &spell, Kernel, Channels, options, 4);
  }
};

}  // namespace strata
