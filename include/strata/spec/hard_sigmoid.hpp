// SPDX-License-Identifier: MIT
// y = min(max(x + 3, 0), 6) / 6   dx = dy / 6 where 0 < y < 1
#pragma once

#include <strata/core/formulas/functions.hpp>
#include <strata/spec/pointwise.hpp>

namespace strata::spec {

using namespace functions;

/// The functor of HardSigmoid.
struct hard_sigmoid {
  static constexpr const char* name = "hard_sigmoid";
  static constexpr auto needs = Needs::output;
  static constexpr void spell(core::Text& out) { out << "HardSigmoid"; }
  template <class T>
  STRATA_DEVICE static T f(T x) {
    return bounded(x * T(1 / 6.f) + T(0.5f), T(0.f), T(1.f));
  }
  template <class T>
  STRATA_DEVICE static T df(T y) {
    return where_positive(y, where_positive(T(1.f) - y, T(1 / 6.f), T(0.f)), T(0.f));
  }
};

}  // namespace strata::spec

namespace strata {

/// Sigmoid of three straight lines: y = min(max(x + 3, 0), 6) / 6 (Howard et al., arXiv 1905.02244).
/// H x W x C -> H x W x C.
using HardSigmoid = Pointwise<spec::hard_sigmoid>;

}  // namespace strata
