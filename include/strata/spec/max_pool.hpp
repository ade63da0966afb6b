// SPDX-License-Identifier: MIT
// Max pooling.
#pragma once

#include <strata/spec/functor.hpp>
#include <strata/spec/options.hpp>

namespace strata {

/// Max pooling: y = the maximum of each window, of each channel, ignoring padding, as PyTorch's MaxPool2d. The gradient
/// goes to the first maximum. H x W x C -> H' x W' x C, with the rows H' and columns W' of Conv. Options: Stride
/// (default: the kernel size), Pad (default: 0), Same, Dilation. Refuses a window larger than the padded input, and
/// padding not smaller than the window.
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
    spec::WindowOptions o = detail::parse_options<Option...>();
    if (o.strides == 0) o.stride = Kernel;
    detail::check_options(b, &spell, in, o, {.weights = false});
    const core::Window w = detail::make_window(b, &spell, in, Kernel, o, o.same);
    if (!b.refused() && (w.pad_top >= w.extent_height() || w.pad_bottom >= w.extent_height() ||
                         w.pad_left >= w.extent_width() || w.pad_right >= w.extent_width()))
      b.refuse(graph::Reason::padding_not_smaller_than_window, &spell, in);
    if (b.refused()) return x;
    return b.add({.op = graph::Op::max_pool, .out = detail::slide(in, w, in.channels), .window = w}, x);
  }
};

}  // namespace strata
