// SPDX-License-Identifier: MIT
// A layer whose parameters learn at a rate of their own: AtRate<Real{0.1}, Sequential<...>>; AtRate<Real{0}, ...> freezes it.
#pragma once

#include <strata/spec/functor.hpp>
#include <strata/spec/options.hpp>

namespace strata {

/// Multiplies the rate factors of every parameter within by `Factor`. What is frozen keeps its numbers and takes no part in
/// the backward pass; its batch norms still normalise with the batch in training, and their running statistics move.
template <Real Factor, class Layer>
struct AtRate : Layer {
  static constexpr void spell(Text& out) {
    out << "AtRate<" << Factor.value << ", ";
    Layer::spell(out);
    out << '>';
  }
  static constexpr int lower(graph::Builder& b, int x) {
    const double before = b.rate;
    b.rate *= Factor.value;
    x = Layer::lower(b, x);
    b.rate = before;
    return x;
  }
};

}  // namespace strata
