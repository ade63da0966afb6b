// SPDX-License-Identifier: MIT
// y = min(max(x, low), high)   dx = dy where low <= x <= high
#pragma once

#include <strata/core/formulas/functions.hpp>
#include <strata/spec/pointwise.hpp>
#include <strata/spec/real.hpp>

namespace strata::spec {

using namespace functions;

/// The functor of Clip.
template <Real Low, Real High>
struct clip {
  static constexpr const char* name = "clip";
  static constexpr auto needs = Needs::input;
  static constexpr void spell(core::Text& out) { out << "Clip<" << Low.value << ", " << High.value << '>'; }
  static constexpr const char* out_of_range = Low.value < High.value ? nullptr : "Low is not below High";  ///< or null
  template <class T>
  STRATA_DEVICE static T f(T x) {
    return bounded(x, T(float(Low.value)), T(float(High.value)));
  }
  template <class T>
  STRATA_DEVICE static T df(T x) {
    return where_positive(T(float(Low.value)) - x, T(0.f), where_positive(x - T(float(High.value)), T(0.f), T(1.f)));
  }
};

}  // namespace strata::spec

namespace strata {

/// y = x within `Low` and `High`, else the nearer of them, with the gradient of PyTorch's clamp. H x W x C -> H x W x
/// C. Refuses a `Low` that is not below `High`.
template <Real Low, Real High>
using Clip =
    Pointwise<spec::clip<Real{Low.value}, Real{High.value}>>;  // nvcc 13.0 cannot spell the parameters themselves

}  // namespace strata
