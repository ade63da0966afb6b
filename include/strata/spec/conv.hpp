// SPDX-License-Identifier: MIT
// Convolutions, those in groups too.
#pragma once

#include <strata/spec/functor.hpp>
#include <strata/spec/options.hpp>

namespace strata {

/// Convolution with `Channels` output channels.
/// y[o, r, c] = b[o] + sum over i, k, l of w[o, i, k, l] x[i, r stride + k dilation - pad, ...], as PyTorch's Conv2d.
/// H x W x C -> H' x W' x Channels: with Same, the default, H' = ceil(H / stride); with Pad,
/// H' = floor((H + top + bottom - dilation (kernel - 1) - 1) / stride) + 1; W' likewise. Options: Stride, Dilation, Pad
/// or Same, Groups, NoBias, Exact, RateFactor, L2Factor. Weights OIHW, where I is the input channels of one group; bias
/// O. Refuses a window larger than the padded input, and groups that do not divide the channels.
template <Size Kernel, int Channels, class... Option>
struct Conv {
  using functors = spec::type_list<>;
  static constexpr graph::Bound bound{1, 2, 1};
  static constexpr void spell(core::Text& out) {
    out << "Conv<" << Kernel << ", " << Channels;
    detail::spell_options<Option...>(out);
    out << '>';
  }
  static constexpr int lower(graph::Builder& b, int x) {
    b.begin("Conv", &spell);
    const Shape in = b.shape(x);
    const spec::WindowOptions o = detail::parse_options<Option...>();
    detail::check_options(b, &spell, in, o, {.exact = true, .groups = true});
    if (Channels < 1) b.refuse(graph::Reason::size_not_positive, &spell, in);
    if (o.groups < 1 || in.channels % o.groups != 0 || Channels % o.groups != 0)
      b.refuse(graph::Reason::groups_do_not_divide, &spell, in);
    const core::Window w = detail::make_window(b, &spell, in, Kernel, o, o.paddings == 0 || o.same);
    if (b.refused()) return x;
    using graph::Op;
    const int inputs = in.channels / o.groups, outputs = Channels / o.groups;  // of a group
    const Op op = o.groups == 1 ? Op::convolution : inputs == 1 ? Op::depthwise_convolution : Op::grouped_convolution;
    graph::Node node{.op = op, .out = detail::slide(in, w, Channels), .window = w, .products = o.products};
    if (op == Op::grouped_convolution) node.groups = o.groups;
    detail::add_weights(b, node,
                        {.rank = 4,
                         .dims = {Channels, inputs, w.rows.kernel, w.columns.kernel},
                         .fan_in = inputs * w.taps(),
                         .fan_out = outputs * w.taps()},
                        Channels, o);
    return b.add(node, x);
  }
};

}  // namespace strata
