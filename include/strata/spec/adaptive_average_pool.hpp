// SPDX-License-Identifier: MIT
// Average pooling to a given size.
#pragma once

#include <strata/core/adaptive_axis.hpp>
#include <strata/graph/declared/builder.hpp>
#include <strata/spec/functor.hpp>

namespace strata {

/// Averages windows that cover the input, as many as give `Height` rows and `Width` columns, as PyTorch's
/// AdaptiveAvgPool2d: row r of y is the mean of the rows of x from floor(r H / Height) up to ceil((r + 1) H / Height),
/// columns alike. H x W x C -> Height x Width x C. AdaptiveAvgPool<7> is AdaptiveAvgPool<7, 7>. Refuses sizes below 1.
template <int Height, int Width = Height>
struct AdaptiveAvgPool {
  using functors = spec::type_list<>;
  static constexpr graph::Bound bound{1, 0, 1};
  static constexpr void spell(core::Text& out) { out << "AdaptiveAvgPool<" << Height << ", " << Width << '>'; }
  static constexpr int lower(graph::Builder& b, int x) {
    b.begin("AdaptiveAvgPool", &spell);
    const Shape in = b.shape(x), out{Height, Width, in.channels};
    if (Height < 1 || Width < 1) b.refuse(graph::Reason::size_not_positive, &spell, in);
    if (b.refused()) return x;
    if (out.pixels() == 1) return b.add({.op = graph::Op::global_average_pool, .out = out}, x);
    const core::AdaptiveAxis rows{in.height, Height}, columns{in.width, Width};
    if (rows.is_regular() && columns.is_regular())
      return b.add({.op = graph::Op::average_pool, .out = out, .window = {rows.as_axis(), columns.as_axis()}}, x);
    return b.add({.op = graph::Op::resample, .out = out, .mode = graph::Interpolation::area}, x);
  }
};

}  // namespace strata
