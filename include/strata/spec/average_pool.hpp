// SPDX-License-Identifier: MIT
// Average pooling.
#pragma once

#include <strata/spec/functor.hpp>
#include <strata/spec/windowed.hpp>

namespace strata {

/// Average pooling: y = the mean of each window, of each channel. Padding counts as zeros and is included in the
/// divisor, as in PyTorch's AvgPool2d with count_include_pad. H x W x C -> H' x W' x C, with the rows H' and columns W'
/// of Conv. Options: Stride (default: the kernel size), Pad (default: 0), Same, CeilMode, ExcludePadding. Refuses a
/// window larger than the padded input, and padding not smaller than the window.
template <Size Kernel, class... Option>
struct AvgPool {
  using functors = spec::type_list<>;
  static constexpr graph::Bound bound{1, 0, 1};
  static constexpr void spell(core::Text& out) {
    out << "AvgPool<" << Kernel;
    detail::spell_options<Option...>(out);
    out << '>';
  }
  static constexpr int lower(graph::Builder& b, int x) {
    b.begin("AvgPool", &spell);
    const Shape in = b.shape(x);
    const spec::WindowOptions o = detail::parse_options<Option...>();
    detail::check_options(b, &spell, in, o, {.dilation = false, .weights = false, .ceil_mode = true, .divisor = true});
    const core::Window given = detail::make_pool_window(b, &spell, in, Kernel, o);
    if (b.refused()) return x;
    const core::Window w = detail::rounded_up(given, in, o);
    graph::Margins uncounted{0, 0, w.rows.after - given.rows.after, w.columns.after - given.columns.after};
    if (o.excludes_padding) uncounted = {w.rows.before, w.columns.before, w.rows.after, w.columns.after};
    return b.add(
        {.op = graph::Op::average_pool, .out = detail::slide(in, w, in.channels), .window = w, .uncounted = uncounted},
        x);
  }
};

}  // namespace strata
