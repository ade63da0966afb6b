// SPDX-License-Identifier: MIT
// y = max(x, 0)   dx = dy where y > 0
#pragma once

#include <strata/core/formulas/functions.hpp>
#include <strata/spec/pointwise.hpp>

namespace strata::spec {

using namespace functions;

/// The functor of ReLU.
struct relu {
  static constexpr const char* name = "relu";
  static constexpr auto needs = Needs::output;
  static constexpr void spell(core::Text& out) { out << "ReLU"; }
  template <class T>
  STRATA_DEVICE static T f(T x) {
    return maximum(x, T(0.f));
  }
  template <class T>
  STRATA_DEVICE static T df(T y) {
    return where_positive(y, T(1.f), T(0.f));
  }
};

}  // namespace strata::spec

namespace strata {

/// Rectified linear unit: y = max(x, 0). H x W x C -> H x W x C.
using ReLU = Pointwise<spec::relu>;

}  // namespace strata
