// SPDX-License-Identifier: MIT
// y[c] = b[c] + w[c] * x[c / Multiplier]: one filter a channel, nothing mixed.
#pragma once

#include <strata/spec/functor.hpp>
#include <strata/spec/options.hpp>

namespace strata {

/// `Multiplier` filters for each input channel. Options as for Conv. Weights [out][1][kh][kw].
template <Size Kernel, int Multiplier = 1, class... Option>
struct DepthwiseConv {
  using functors = type_list<>;
  static constexpr graph::Bound bound{1, 2, 1};
  static constexpr void spell(Text& out) {
    out << "DepthwiseConv<" << Kernel << ", " << Multiplier;
    detail::spell_options<Option...>(out);
    out << '>';
  }
  static constexpr int lower(graph::Builder& b, int x) {
    b.begin("DepthwiseConv", &spell);
    const Shape in = b.shape(x);
    const WindowOptions o = detail::parse_options<Option...>();
    if (Multiplier < 1) b.refuse(graph::Reason::size_not_positive, &spell, in);
    const Window w = detail::make_window(b, &spell, in, Kernel, o, o.paddings == 0 || o.same);
    if (b.refused()) return x;
    const int channels = in.channels * Multiplier;
    graph::Node node{.op = graph::Op::depthwise_convolution, .out = detail::slide(in, w, channels), .window = w};
    detail::add_weights(b, node,
                        {.rank = 4, .dims = {channels, 1, w.kernel_height, w.kernel_width},
                         .fan_in = w.taps(), .fan_out = Multiplier * w.taps()},
                        channels, o);
    return b.add(node, x);
  }
};

}  // namespace strata
