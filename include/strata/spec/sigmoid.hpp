// SPDX-License-Identifier: MIT
// y = 1 / (1 + exp(-x))   dx = dy y (1 - y)
#pragma once

#include <strata/core/formulas/functions.hpp>
#include <strata/spec/pointwise.hpp>

namespace strata::spec {

using namespace functions;

/// The functor of Sigmoid.
struct sigmoid {
  static constexpr const char* name = "sigmoid";
  static constexpr auto needs = Needs::output;
  static constexpr void spell(core::Text& out) { out << "Sigmoid"; }
  template <class T>
  STRATA_DEVICE static T f(T x) {
    return T(1.f) / (T(1.f) + exponential(-x));
  }
  template <class T>
  STRATA_DEVICE static T df(T y) {
    return y * (T(1.f) - y);
  }
};

}  // namespace strata::spec

namespace strata {

/// Logistic function: y = 1 / (1 + exp(-x)). H x W x C -> H x W x C.
using Sigmoid = Pointwise<spec::sigmoid>;

}  // namespace strata
