// SPDX-License-Identifier: MIT
// y = x where x > 0, else alpha (exp(x) - 1)   dx = dy where y > 0, else dy (y + alpha)
#pragma once

#include <strata/core/formulas/functions.hpp>
#include <strata/spec/pointwise.hpp>
#include <strata/spec/real.hpp>

namespace strata::spec {

using namespace functions;

/// The functor of ELU.
template <Real Alpha = Real{1.0}>
struct elu {
  static constexpr const char* name = "elu";
  static constexpr auto needs = Needs::output;
  static constexpr void spell(core::Text& out) { out << "ELU<" << Alpha.value << '>'; }
  static constexpr const char* out_of_range = Alpha.value >= 0 ? nullptr : "Alpha is below 0";  ///< or null
  template <class T>
  STRATA_DEVICE static T f(T x) {
    return where_positive(x, x, T(float(Alpha.value)) * (exponential(x) - T(1.f)));
  }
  template <class T>
  STRATA_DEVICE static T df(T y) {
    return where_positive(y, T(1.f), y + T(float(Alpha.value)));
  }
};

}  // namespace strata::spec

namespace strata {

/// Exponential linear unit: y = x where x > 0, else `Alpha` (exp(x) - 1) (Clevert et al., arXiv 1511.07289).
/// H x W x C -> H x W x C. Refuses a negative `Alpha`.
template <Real Alpha = Real{1.0}>
using ELU = Pointwise<spec::elu<Real{Alpha.value}>>;  // nvcc 13.0 cannot spell the parameter itself

}  // namespace strata
