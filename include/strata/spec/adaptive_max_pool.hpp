// SPDX-License-Identifier: MIT
// Max pooling to a given size.
#pragma once

#include <strata/core/adaptive_axis.hpp>
#include <strata/graph/declared/builder.hpp>
#include <strata/spec/functor.hpp>

namespace strata {

/// The maxima of windows that cover the input, as many as give `Height` rows and `Width` columns, as PyTorch's
/// AdaptiveMaxPool2d; the windows are those of AdaptiveAvgPool. The gradient goes to the first maximum.
/// H x W x C -> Height x Width x C. AdaptiveMaxPool<7> is AdaptiveMaxPool<7, 7>. Refuses sizes below 1.
template <int Height, int Width = Height>
struct AdaptiveMaxPool {
  using functors = spec::type_list<>;
  static constexpr graph::Bound bound{1, 0, 1};
  static constexpr void spell(core::Text& out) { out << "AdaptiveMaxPool<" << Height << ", " << Width << '>'; }
  static constexpr int lower(graph::Builder& b, int x) {
    b.begin("AdaptiveMaxPool", &spell);
    const Shape in = b.shape(x), out{Height, Width, in.channels};
    if (Height < 1 || Width < 1) b.refuse(graph::Reason::size_not_positive, &spell, in);
    if (b.refused()) return x;
    const core::AdaptiveAxis rows{in.height, Height}, columns{in.width, Width};
    if (rows.is_regular() && columns.is_regular())
      return b.add({.op = graph::Op::max_pool, .out = out, .window = {rows.as_axis(), columns.as_axis()}}, x);
    return b.add({.op = graph::Op::adaptive_max_pool, .out = out}, x);
  }
};

}  // namespace strata
