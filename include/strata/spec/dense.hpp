// SPDX-License-Identifier: MIT
// Fully connected layers.
#pragma once

#include <strata/spec/functor.hpp>
#include <strata/spec/windowed.hpp>

namespace strata {

/// Fully connected layer with `Outputs` outputs.
/// y[o] = b[o] + sum over i of w[o, i] x[i], where i runs over channel, row, column: PyTorch's Linear after Flatten.
/// H x W x C -> 1 x 1 x Outputs; a Flatten before it changes nothing. Options: NoBias, RateFactor, L2Factor. Weights
/// [out][C H W]; bias [out]. Refuses fewer than one output, and options of windows.
template <int Outputs, class... Option>
struct Dense {
  using functors = spec::type_list<>;
  static constexpr graph::Bound bound{1, 2, 1};
  static constexpr void spell(core::Text& out) {
    out << "Dense<" << Outputs;
    detail::spell_options<Option...>(out);
    out << '>';
  }
  static constexpr int lower(graph::Builder& b, int x) {
    b.begin("Dense", &spell);
    const Shape in = b.shape(x);
    const spec::WindowOptions o = detail::parse_options<Option...>();
    if (Outputs < 1) b.refuse(graph::Reason::size_not_positive, &spell, in);
    detail::check_options(b, &spell, in, o, {.window = false, .dilation = false});
    if (b.refused()) return x;
    graph::Node node{.op = graph::Op::dense, .out = {1, 1, Outputs}};
    detail::add_weights(
        b, node, {.rank = 2, .dims = {Outputs, int(in.size()), 1, 1}, .fan_in = int(in.size()), .fan_out = Outputs},
        Outputs, o);
    return b.add(node, x);
  }
};

}  // namespace strata
