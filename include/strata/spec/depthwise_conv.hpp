// SPDX-License-Identifier: MIT
// Convolutions that do not mix channels.
#pragma once

#include <strata/spec/functor.hpp>
#include <strata/spec/windowed.hpp>

namespace strata {

/// Depthwise convolution: one filter per input channel, or as many as Multiplier says; channels do not mix.
/// y[o] = b[o] + w[o] convolved with x[floor(o / m)], for m filters per channel: PyTorch's Conv2d with groups = C.
/// H x W x C -> H' x W' x m C, with the rows H' and columns W' of Conv. Options: Multiplier, Stride, Dilation, Pad or
/// Same (the default), Reflect, Replicate or Circular in place of zeros, NoBias, RateFactor, L2Factor. Weights
/// [out][1][kh][kw]; bias [out]. Refuses a window larger than the padded input, and a kernel larger than the input
/// unless Pad or Same is given.
template <Size Kernel, class... Option>
struct DepthwiseConv {
  using functors = spec::type_list<>;
  /// What its options say.
  static constexpr spec::WindowOptions options = detail::parse_options<Option...>();
  static constexpr graph::Bound bound = detail::convolution_bound(options);
  static constexpr void spell(core::Text& out) {
    out << "DepthwiseConv<" << Kernel;
    detail::spell_options<Option...>(out);
    out << '>';
  }
  static constexpr int lower(graph::Builder& b, int x) {
    b.begin("DepthwiseConv", &spell);
    const Shape in = b.shape(x);
    const spec::WindowOptions& o = options;
    const int channels = o.multiplier * in.channels;
    detail::check_options(b, &spell, in, o, {.multiplier = true, .modes = true});
    if (o.multiplier < 1) b.refuse(graph::Reason::size_not_positive, &spell, in);
    detail::check_kernel(b, &spell, in, Kernel, o);
    core::Window w = detail::make_window(b, &spell, in, Kernel, o, o.paddings == 0 || o.same);
    if (!b.refused()) x = detail::padded_input(b, &spell, x, o, w);
    if (b.refused()) return x;
    graph::Node node{
        .op = graph::Op::depthwise_convolution, .out = detail::slide(b.shape(x), w, channels), .window = w};
    detail::add_weights(b, node,
                        {.rank = 4,
                         .dims = {channels, 1, w.rows.kernel, w.columns.kernel},
                         .fan_in = w.taps(),
                         .fan_out = o.multiplier * w.taps()},
                        channels, o);
    return b.add(node, x);
  }
};

}  // namespace strata
