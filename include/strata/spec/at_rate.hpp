// SPDX-License-Identifier: MIT
// Scales the learning rate of a layer: AtRate<Real{0.1}, Sequential<...>>; AtRate<Real{0}, ...> freezes it.
#pragma once

#include <strata/spec/layer.hpp>
#include <strata/spec/real.hpp>

namespace strata {

/// Scales the learning rate of a layer: rate factor = `Factor` x its own, for every parameter in `Layer`.
/// H x W x C -> what `Layer` gives. A factor of 0 freezes the parameters: they keep their values and get no gradients.
/// Frozen batch norms still normalize with the batch statistics in training, and their running statistics still move.
template <Real Factor, class Layer>
struct AtRate : detail::as_layer<Layer> {
  static constexpr void spell(core::Text& out) {
    out << "AtRate<" << Factor.value << ", ";
    detail::as_layer<Layer>::spell(out);
    out << '>';
  }
  static constexpr int lower(graph::Builder& b, int x) {
    const double before = b.rate;
    b.rate *= Factor.value;
    x = detail::as_layer<Layer>::lower(b, x);
    b.rate = before;
    return x;
  }
};

}  // namespace strata
