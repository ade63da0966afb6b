// SPDX-License-Identifier: MIT
// y = log(1 + exp(x)) = max(x, 0) + log(1 + exp(-|x|))   dx = dy (1 - exp(-y))
#pragma once

#include <strata/core/formulas/functions.hpp>
#include <strata/spec/pointwise.hpp>

namespace strata::spec {

using namespace functions;

/// The functor of Softplus.
struct softplus {
  static constexpr const char* name = "softplus";
  static constexpr auto needs = Needs::output;
  static constexpr void spell(core::Text& out) { out << "Softplus"; }
  template <class T>
  STRATA_DEVICE static T f(T x) {
    return maximum(x, T(0.f)) + log_of_one_plus(exponential(-maximum(x, -x)));
  }
  template <class T>
  STRATA_DEVICE static T df(T y) {
    return T(1.f) - exponential(-y);
  }
};

}  // namespace strata::spec

namespace strata {

/// A smooth ReLU: y = log(1 + exp(x)). H x W x C -> H x W x C.
using Softplus = Pointwise<spec::softplus>;

}  // namespace strata
