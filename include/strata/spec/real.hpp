// SPDX-License-Identifier: MIT
// A real number as a template argument.
#pragma once

namespace strata {
namespace detail {

/// The nearest number with 15 decimal digits, if it is between 1e-7 and 1e7. nvcc 13.0 spells template arguments with
/// so many, and then launches no kernel for another number.
constexpr double with_15_digits(double number) {
  double digits = number < 0 ? -number : number, power = 1;
  if (!(digits >= 1e-7 && digits <= 1e7)) return number;
  for (; digits < 1e14; power *= 10) digits = (number < 0 ? -number : number) * (power * 10);
  const double rounded = double(static_cast<long long>(digits + 0.5)) / power;
  return number < 0 ? -rounded : rounded;
}

}  // namespace detail

/// A real number as a template argument: LeakyReLU<0.01>.
struct Real {
  double value;  ///< the number, without a unit or in a range that the layer says
  /// From a number, of which 15 digits count: Real{0.5}.
  constexpr Real(double number) : value(detail::with_15_digits(number)) {}
  constexpr Real(int number) : value(number) {}
  constexpr bool operator==(const Real&) const = default;
};

}  // namespace strata
