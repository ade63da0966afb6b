// SPDX-License-Identifier: MIT
// y = x s, with s = 1 / (1 + exp(-x))   dx = dy s (1 + x (1 - s))
#pragma once

#include <strata/core/formulas/functions.hpp>
#include <strata/spec/pointwise.hpp>

namespace strata::spec {

using namespace functions;

/// The functor of SiLU.
struct silu {
  static constexpr const char* name = "silu";
  static constexpr auto needs = Needs::input;
  static constexpr void spell(core::Text& out) { out << "SiLU"; }
  template <class T>
  STRATA_DEVICE static T f(T x) {
    return x / (T(1.f) + exponential(-x));
  }
  template <class T>
  STRATA_DEVICE static T df(T x) {
    const T s = T(1.f) / (T(1.f) + exponential(-x));
    return s * (T(1.f) + x * (T(1.f) - s));
  }
};

}  // namespace strata::spec

namespace strata {

/// Sigmoid linear unit, also called swish: y = x / (1 + exp(-x)) (Elfwing et al., arXiv 1702.03118).
/// H x W x C -> H x W x C.
using SiLU = Pointwise<spec::silu>;

}  // namespace strata
