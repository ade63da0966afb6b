// SPDX-License-Identifier: MIT
// y = x Phi(x), with Phi the standard normal CDF and phi its density   dx = dy (Phi(x) + x phi(x))
#pragma once

#include <strata/core/formulas/functions.hpp>
#include <strata/spec/pointwise.hpp>

namespace strata::spec {

using namespace functions;

/// The functor of GELU.
struct gelu {
  static constexpr const char* name = "gelu";
  static constexpr auto needs = Needs::input;
  static constexpr void spell(core::Text& out) { out << "GELU"; }
  template <class T>
  STRATA_DEVICE static T f(T x) {
    return T(0.5f) * x * (T(1.f) + error_function(x * T(0.70710678118654752f)));
  }
  template <class T>
  STRATA_DEVICE static T df(T x) {
    return T(0.5f) * (T(1.f) + error_function(x * T(0.70710678118654752f))) +
           x * exponential(T(-0.5f) * x * x) * T(0.39894228040143268f);
  }
};

}  // namespace strata::spec

namespace strata {

/// Gaussian error linear unit: y = x Phi(x), with Phi the standard normal distribution function (Hendrycks and Gimpel,
/// arXiv 1606.08415), by the error function, not by its tanh approximation. H x W x C -> H x W x C.
using GELU = Pointwise<spec::gelu>;

}  // namespace strata
