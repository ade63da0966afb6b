// SPDX-License-Identifier: MIT
// y = |x|   dx = dy where x > 0, -dy where x < 0, 0 where x = 0
#pragma once

#include <strata/core/formulas/functions.hpp>
#include <strata/spec/pointwise.hpp>

namespace strata::spec {

using namespace functions;

/// The functor of Abs.
struct absolute_value {
  static constexpr const char* name = "absolute_value";
  static constexpr auto needs = Needs::input;
  static constexpr void spell(core::Text& out) { out << "Abs"; }
  template <class T>
  STRATA_DEVICE static T f(T x) {
    return maximum(x, -x);
  }
  template <class T>
  STRATA_DEVICE static T df(T x) {
    return where_positive(x, T(1.f), where_positive(-x, T(-1.f), T(0.f)));
  }
};

}  // namespace strata::spec

namespace strata {

/// y = |x|. H x W x C -> H x W x C.
using Abs = Pointwise<spec::absolute_value>;

}  // namespace strata
