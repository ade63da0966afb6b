// SPDX-License-Identifier: MIT
// The functions that formulas generic in their number type may use: for float and double here, on CPU and GPU, and for
// vectors in core/formulas/simd.hpp.
#pragma once

#include <strata/core/device.hpp>

#include <cmath>

namespace strata::functions {

/// The larger of a and b.
STRATA_DEVICE inline float maximum(float a, float b) { return a > b ? a : b; }
STRATA_DEVICE inline double maximum(double a, double b) { return a > b ? a : b; }
/// x, or the nearer of `low` and `high` if x is not between them.
template <class T>
STRATA_DEVICE T bounded(T x, T low, T high) {
  return -maximum(-maximum(x, low), -high);
}
/// e^x.
STRATA_DEVICE inline float exponential(float x) { return std::exp(x); }
STRATA_DEVICE inline double exponential(double x) { return std::exp(x); }
/// tanh x.
STRATA_DEVICE inline float hyperbolic_tangent(float x) { return std::tanh(x); }
STRATA_DEVICE inline double hyperbolic_tangent(double x) { return std::tanh(x); }
/// erf x = 2 / sqrt(pi) times the integral of exp(-t^2) from 0 to x.
STRATA_DEVICE inline float error_function(float x) { return std::erf(x); }
STRATA_DEVICE inline double error_function(double x) { return std::erf(x); }
/// log x, of x > 0 that is not subnormal.
STRATA_DEVICE inline float logarithm(float x) { return std::log(x); }
STRATA_DEVICE inline double logarithm(double x) { return std::log(x); }
/// log(1 + x), of 0 <= x <= 1.
STRATA_DEVICE inline float log_of_one_plus(float x) { return std::log1p(x); }
STRATA_DEVICE inline double log_of_one_plus(double x) { return std::log1p(x); }
/// The square root of x >= 0.
STRATA_DEVICE inline float square_root(float x) { return std::sqrt(x); }
STRATA_DEVICE inline double square_root(double x) { return std::sqrt(x); }
/// x > 0 ? yes : no.
STRATA_DEVICE inline float where_positive(float x, float yes, float no) { return x > 0 ? yes : no; }
STRATA_DEVICE inline double where_positive(double x, double yes, double no) { return x > 0 ? yes : no; }

}  // namespace strata::functions
