// SPDX-License-Identifier: MIT
// The mean of each channel.
#pragma once

#include <strata/graph/declared/builder.hpp>
#include <strata/spec/functor.hpp>

namespace strata {

/// Averages each channel over all pixels: y[c] = mean of x[c, ., .]. H x W x C -> 1 x 1 x C.
struct GlobalAvgPool {
  using functors = spec::type_list<>;
  static constexpr graph::Bound bound{1, 0, 1};
  static constexpr void spell(core::Text& out) { out << "GlobalAvgPool"; }
  static constexpr int lower(graph::Builder& b, int x) {
    b.begin("GlobalAvgPool", &spell);
    const Shape in = b.shape(x);
    return b.add({.op = graph::Op::global_average_pool, .out = {1, 1, in.channels}}, x);
  }
};

}  // namespace strata
