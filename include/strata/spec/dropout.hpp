// SPDX-License-Identifier: MIT
// Dropout.
#pragma once

#include <strata/spec/functor.hpp>
#include <strata/spec/options.hpp>

namespace strata {

/// In training, zeroes each element with probability p = `Probability`, from 0 to less than 1.
/// Training: y = x / (1 - p) with probability 1 - p, else 0. Inference: y = x. H x W x C -> H x W x C. Which elements
/// are zeroed follows from Model's seed, the iteration and the element (Srivastava et al., JMLR 15, 2014). Refuses a
/// probability out of its range.
template <Real Probability = Real{0.5}>
struct Dropout {
  using functors = spec::type_list<>;
  static constexpr graph::Bound bound{1, 0, 1};
  static constexpr void spell(core::Text& out) { out << "Dropout<" << Probability.value << '>'; }
  static constexpr int lower(graph::Builder& b, int x) {
    b.begin("Dropout", &spell);
    const Shape in = b.shape(x);
    if (!(Probability.value >= 0 && Probability.value < 1))
      b.refuse(graph::Reason::probability_out_of_range, &spell, in);
    if (b.refused()) return x;
    return b.add({.op = graph::Op::dropout, .out = in, .probability = Probability.value}, x);
  }
};

}  // namespace strata
