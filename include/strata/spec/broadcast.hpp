// SPDX-License-Identifier: MIT
// A vector that is copied to each pixel.
#pragma once

#include <strata/spec/sequential.hpp>

namespace strata {

/// Copies the vector in which its layers end to each pixel of the input: Broadcast<GlobalAvgPool, Conv<1, 8>>.
/// y[c, r, k] = layers(x)[c], the image pooling of Chen et al., arXiv 1706.05587. H x W x C -> H x W x D, if the layers
/// give 1 x 1 x D. Refuses layers that end in a map.
template <class... Layer>
struct Broadcast {
  using functors = detail::functors_of<Layer...>;
  static constexpr graph::Bound bound = [] {
    graph::Bound bound = detail::total_bound<Layer...>();
    bound += {1, 0, 1};
    return bound;
  }();
  static constexpr void spell(core::Text& out) { detail::spell_as<Layer...>(out, "Broadcast"); }
  static constexpr int lower(graph::Builder& b, int x) {
    const Shape in = b.shape(x);
    const int y = detail::lower_in_order<Layer...>(b, x);
    const Shape vector = b.shape(y);
    if (vector.pixels() != 1) b.refuse(graph::Reason::layers_end_in_a_map, &spell, in, vector);
    if (b.refused()) return x;
    b.begin("Broadcast", &spell);
    return b.add({.op = graph::Op::broadcast, .out = {in.height, in.width, vector.channels}}, y);
  }
};

}  // namespace strata
