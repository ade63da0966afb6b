// SPDX-License-Identifier: MIT
// y = x t, with t = tanh(log(1 + exp(x)))   dx = dy (t + x (1 - t^2) / (1 + exp(-x)))
// With e = exp(x) and n = e (e + 2), t = n / (n + 2) and 1 - t = 2 / (n + 2). Beyond x = 20, t is 1 in a float, and e^2
// would overflow.
#pragma once

#include <strata/core/formulas/functions.hpp>
#include <strata/spec/pointwise.hpp>

namespace strata::spec {

using namespace functions;

/// The functor of Mish.
struct mish {
  static constexpr const char* name = "mish";
  static constexpr auto needs = Needs::input;
  static constexpr void spell(core::Text& out) { out << "Mish"; }
  template <class T>
  STRATA_DEVICE static T f(T x) {
    const T e = exponential(-maximum(-x, T(-20.f))), n = e * (e + T(2.f));
    return x * n / (n + T(2.f));
  }
  template <class T>
  STRATA_DEVICE static T df(T x) {
    const T e = exponential(-maximum(-x, T(-20.f))), n = e * (e + T(2.f)), t = n / (n + T(2.f));
    return t + x * (T(1.f) + t) * T(2.f) / (n + T(2.f)) * e / (T(1.f) + e);
  }
};

}  // namespace strata::spec

namespace strata {

/// y = x tanh(log(1 + exp(x))) (Misra, arXiv 1908.08681). H x W x C -> H x W x C.
using Mish = Pointwise<spec::mish>;

}  // namespace strata
