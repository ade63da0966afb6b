// SPDX-License-Identifier: MIT
// y = x s, with s = 1 / (1 + exp(-2 u)) = (1 + tanh u) / 2 and u = sqrt(2 / pi) (x + 0.044715 x^3)
// dx = dy (s + x s (1 - s) 2 sqrt(2 / pi) (1 + 0.134145 x^2))
#pragma once

#include <strata/core/formulas/functions.hpp>
#include <strata/spec/pointwise.hpp>

namespace strata::spec {

using namespace functions;

/// The functor of GELUTanh.
struct gelu_tanh {
  static constexpr const char* name = "gelu_tanh";
  static constexpr auto needs = Needs::input;
  static constexpr void spell(core::Text& out) { out << "GELUTanh"; }
  /// exp(-2 u). Below u = -40, s is 0 in a float, and this would overflow.
  template <class T>
  STRATA_DEVICE static T odds(T x) {
    return exponential(-maximum(T(1.5957691216057308f) * (x + T(0.044715f) * x * x * x), T(-80.f)));
  }
  template <class T>
  STRATA_DEVICE static T f(T x) {
    return x / (T(1.f) + odds(x));
  }
  template <class T>
  STRATA_DEVICE static T df(T x) {
    const T o = odds(x), s = T(1.f) / (T(1.f) + o);
    return s + x * s * (o * s) * T(1.5957691216057308f) * (T(1.f) + T(0.134145f) * x * x);
  }
};

}  // namespace strata::spec

namespace strata {

/// GELU by its tanh approximation, as GELU(approximate="tanh") of PyTorch (Hendrycks and Gimpel, arXiv 1606.08415).
/// H x W x C -> H x W x C.
using GELUTanh = Pointwise<spec::gelu_tanh>;

}  // namespace strata
