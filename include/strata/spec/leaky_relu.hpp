// SPDX-License-Identifier: MIT
// y = x where x > 0, else slope x   dx = dy where x > 0, else slope dy
#pragma once

#include <strata/core/formulas/functions.hpp>
#include <strata/spec/pointwise.hpp>
#include <strata/spec/real.hpp>

namespace strata::spec {

using namespace functions;

/// The functor of LeakyReLU.
template <Real Slope = Real{0.01}>
struct leaky_relu {
  static constexpr const char* name = "leaky_relu";
  static constexpr auto needs = Needs::input;
  static constexpr void spell(core::Text& out) { out << "LeakyReLU<" << Slope.value << '>'; }
  template <class T>
  STRATA_DEVICE static T f(T x) {
    return where_positive(x, x, x * T(float(Slope.value)));
  }
  template <class T>
  STRATA_DEVICE static T df(T x) {
    return where_positive(x, T(1.f), T(float(Slope.value)));
  }
};

}  // namespace strata::spec

namespace strata {

/// Leaky ReLU: y = x where x > 0, else `Slope` x, as PyTorch's. H x W x C -> H x W x C.
template <Real Slope = Real{0.01}>
using LeakyReLU = Pointwise<spec::leaky_relu<Real{Slope.value}>>;  // nvcc 13.0 cannot spell the parameter itself

}  // namespace strata
