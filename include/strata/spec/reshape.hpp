// SPDX-License-Identifier: MIT
// The same numbers as another map.
#pragma once

#include <strata/graph/declared/builder.hpp>
#include <strata/spec/functor.hpp>

namespace strata {

/// The numbers of the input, in the order channel, row, column, as a map of `Height` rows, `Width` columns and
/// `Depth` channels: PyTorch's view, and the inverse of Flatten where the input is a vector.
/// H x W x C -> Height x Width x Depth. Refuses a map with more or fewer numbers.
template <int Height, int Width, int Depth>
struct Reshape {
  using functors = spec::type_list<>;
  static constexpr graph::Bound bound{2, 0, 1};
  static constexpr void spell(core::Text& out) { out << "Reshape<" << Height << ", " << Width << ", " << Depth << '>'; }
  static constexpr int lower(graph::Builder& b, int x) {
    using graph::Reason;
    constexpr Shape out{Height, Width, Depth};
    b.begin("Reshape", &spell);
    const Shape in = b.shape(x);
    if (Height < 1 || Width < 1 || Depth < 1) b.refuse(Reason::size_not_positive, &spell, in);
    if (out.size() != in.size()) b.refuse(Reason::sizes_differ, &spell, in, out);
    if (b.refused()) return x;
    if (in.pixels() != 1 || out.pixels() == 1) x = b.add({.op = graph::Op::flatten, .out = {1, 1, int(in.size())}}, x);
    return out.pixels() == 1 ? x : b.add({.op = graph::Op::unflatten, .out = out}, x);
  }
};

}  // namespace strata
