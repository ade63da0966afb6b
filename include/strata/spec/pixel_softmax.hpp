// SPDX-License-Identifier: MIT
// The head of a segmentation network.
#pragma once

#include <strata/graph/declared/builder.hpp>
#include <strata/spec/functor.hpp>

namespace strata {

/// Softmax over the channels of each pixel: y[c, r, k] = exp x[c, r, k] / sum over d of exp x[d, r, k].
/// H x W x C -> H x W x C, the probabilities of C classes per pixel. Refuses a vector.
struct PixelSoftmax {
  using functors = spec::type_list<>;
  static constexpr graph::Bound bound{1, 0, 1};
  static constexpr void spell(core::Text& out) { out << "PixelSoftmax"; }
  static constexpr int lower(graph::Builder& b, int x) {
    b.begin("PixelSoftmax", &spell);
    const Shape in = b.shape(x);
    if (in.pixels() == 1) b.refuse(graph::Reason::map_expected, &spell, in);
    if (b.refused()) return x;
    return b.add({.op = graph::Op::softmax, .out = in}, x);
  }
};

}  // namespace strata
