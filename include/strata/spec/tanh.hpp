// SPDX-License-Identifier: MIT
// y = tanh x   dx = dy (1 - y^2)
#pragma once

#include <strata/core/formulas/functions.hpp>
#include <strata/spec/pointwise.hpp>

namespace strata::spec {

using namespace functions;

/// The functor of Tanh.
struct hyperbolic_tangent_functor {
  static constexpr const char* name = "hyperbolic_tangent_functor";
  static constexpr auto needs = Needs::output;
  static constexpr void spell(core::Text& out) { out << "Tanh"; }
  template <class T>
  STRATA_DEVICE static T f(T x) {
    return hyperbolic_tangent(x);
  }
  template <class T>
  STRATA_DEVICE static T df(T y) {
    return T(1.f) - y * y;
  }
};

}  // namespace strata::spec

namespace strata {

/// Hyperbolic tangent: y = tanh x. H x W x C -> H x W x C.
using Tanh = Pointwise<spec::hyperbolic_tangent_functor>;

}  // namespace strata
