// SPDX-License-Identifier: MIT
// y = min(max(x, 0), 6)   dx = dy where 0 < y < 6
#pragma once

#include <strata/core/formulas/functions.hpp>
#include <strata/spec/pointwise.hpp>

namespace strata::spec {

using namespace functions;

/// The functor of ReLU6.
struct relu6 {
  static constexpr const char* name = "relu6";
  static constexpr auto needs = Needs::output;
  static constexpr void spell(core::Text& out) { out << "ReLU6"; }
  template <class T>
  STRATA_DEVICE static T f(T x) {
    return bounded(x, T(0.f), T(6.f));
  }
  template <class T>
  STRATA_DEVICE static T df(T y) {
    return where_positive(y, where_positive(T(6.f) - y, T(1.f), T(0.f)), T(0.f));
  }
};

}  // namespace strata::spec

namespace strata {

/// Rectified linear unit of at most 6: y = min(max(x, 0), 6) (Howard et al., arXiv 1704.04861). H x W x C -> H x W x C.
using ReLU6 = Pointwise<spec::relu6>;

}  // namespace strata
