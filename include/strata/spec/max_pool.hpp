// SPDX-License-Identifier: MIT
// Max pooling.
#pragma once

#include <strata/spec/functor.hpp>
#include <strata/spec/windowed.hpp>

namespace strata {

/// Max pooling: y = the maximum of each window, of each channel, ignoring padding, as PyTorch's MaxPool2d. The gradient
/// goes to the first maximum. H x W x C -> H' x W' x C, with the rows H' and columns W' of Conv. Options: Stride
/// (default: the kernel size), Pad (default: 0), Same, Dilation, CeilMode. Refuses a window larger than the padded
/// input, and padding not smaller than the window.
template <Size Kernel, class... Option>
struct MaxPool {
  using functors = spec::type_list<>;
  static constexpr graph::Bound bound{1, 0, 1};
  static constexpr void spell(core::Text& out) {
    out << "MaxPool<" << Kernel;
    detail::spell_options<Option...>(out);
    out << '>';
  }
  static constexpr int lower(graph::Builder& b, int x) {
    b.begin("MaxPool", &spell);
    const Shape in = b.shape(x);
    const spec::WindowOptions o = detail::parse_options<Option...>();
    detail::check_options(b, &spell, in, o, {.weights = false, .ceil_mode = true});
    const core::Window given = detail::make_pool_window(b, &spell, in, Kernel, o);
    if (b.refused()) return x;
    const core::Window w = detail::rounded_up(given, in, o);
    return b.add({.op = graph::Op::max_pool, .out = detail::slide(in, w, in.channels), .window = w}, x);
  }
};

}  // namespace strata
