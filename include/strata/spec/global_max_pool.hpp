// SPDX-License-Identifier: MIT
// The maximum of each channel.
#pragma once

#include <strata/graph/declared/builder.hpp>
#include <strata/spec/functor.hpp>

namespace strata {

/// The maximum of each channel over all pixels: y[c] = max of x[c, ., .]. The gradient goes to the first maximum.
/// H x W x C -> 1 x 1 x C.
struct GlobalMaxPool {
  using functors = spec::type_list<>;
  static constexpr graph::Bound bound{1, 0, 1};
  static constexpr void spell(core::Text& out) { out << "GlobalMaxPool"; }
  static constexpr int lower(graph::Builder& b, int x) {
    b.begin("GlobalMaxPool", &spell);
    const Shape in = b.shape(x);
    const core::Window all{core::Axis::tiles(in.height), core::Axis::tiles(in.width)};
    return b.add({.op = graph::Op::max_pool, .out = {1, 1, in.channels}, .window = all}, x);
  }
};

}  // namespace strata
