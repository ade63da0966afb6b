// SPDX-License-Identifier: MIT
// y = x min(max(x + 3, 0), 6) / 6   dx = dy (0 where x < -3, x / 3 + 1/2 up to 3, 1 beyond)
#pragma once

#include <strata/core/formulas/functions.hpp>
#include <strata/spec/pointwise.hpp>

namespace strata::spec {

using namespace functions;

/// The functor of HardSwish.
struct hard_swish {
  static constexpr const char* name = "hard_swish";
  static constexpr auto needs = Needs::input;
  static constexpr void spell(core::Text& out) { out << "HardSwish"; }
  template <class T>
  STRATA_DEVICE static T f(T x) {
    return x * bounded(x * T(1 / 6.f) + T(0.5f), T(0.f), T(1.f));
  }
  template <class T>
  STRATA_DEVICE static T df(T x) {
    return where_positive(x - T(3.f), T(1.f), where_positive(T(-3.f) - x, T(0.f), x * T(1 / 3.f) + T(0.5f)));
  }
};

}  // namespace strata::spec

namespace strata {

/// y = x min(max(x + 3, 0), 6) / 6 (Howard et al., arXiv 1905.02244). H x W x C -> H x W x C.
using HardSwish = Pointwise<spec::hard_swish>;

}  // namespace strata
