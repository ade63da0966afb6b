// SPDX-License-Identifier: MIT
// y = exp(x)   dx = dy y
#pragma once

#include <strata/core/formulas/functions.hpp>
#include <strata/spec/pointwise.hpp>

namespace strata::spec {

using namespace functions;

/// The functor of Exp.
struct exponential_functor {
  static constexpr const char* name = "exponential_functor";
  static constexpr auto needs = Needs::output;
  static constexpr void spell(core::Text& out) { out << "Exp"; }
  template <class T>
  STRATA_DEVICE static T f(T x) {
    return exponential(x);
  }
  template <class T>
  STRATA_DEVICE static T df(T y) {
    return y;
  }
};

}  // namespace strata::spec

namespace strata {

/// y = e^x. H x W x C -> H x W x C.
using Exp = Pointwise<spec::exponential_functor>;

}  // namespace strata
