// SPDX-License-Identifier: MIT
// y = scale x where x > 0, else scale alpha (exp(x) - 1)   dx = dy scale where y > 0, else dy (y + scale alpha)
#pragma once

#include <strata/core/formulas/functions.hpp>
#include <strata/spec/pointwise.hpp>

namespace strata::spec {

using namespace functions;

/// The functor of SELU.
struct selu {
  static constexpr const char* name = "selu";
  static constexpr auto needs = Needs::output;
  static constexpr void spell(core::Text& out) { out << "SELU"; }
  static constexpr float scale = 1.0507009873554805f, alpha = 1.6732632423543772f;  ///< each a factor
  template <class T>
  STRATA_DEVICE static T f(T x) {
    return where_positive(x, T(scale) * x, T(scale * alpha) * (exponential(x) - T(1.f)));
  }
  template <class T>
  STRATA_DEVICE static T df(T y) {
    return where_positive(y, T(scale), y + T(scale * alpha));
  }
};

}  // namespace strata::spec

namespace strata {

/// Scaled exponential linear unit: y = 1.0507 x where x > 0, else 1.0507 x 1.67326 (exp(x) - 1) (Klambauer et al.,
/// arXiv 1706.02515). H x W x C -> H x W x C.
using SELU = Pointwise<spec::selu>;

}  // namespace strata
