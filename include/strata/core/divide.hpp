// SPDX-License-Identifier: MIT
// Integer division that rounds up or down.
#pragma once

namespace strata::core {

/// a / b rounded up, for a >= 0 and b > 0; for a < 0, a number that is not positive.
template <class A, class B>
constexpr auto ceil_divide(A a, B b) {
  return (a + b - 1) / b;
}

/// The smallest multiple of b that is at least a, for a >= 0 and b > 0.
template <class A, class B>
constexpr auto round_up(A a, B b) {
  return ceil_divide(a, b) * b;
}

/// a / b rounded toward minus infinity, for b > 0.
constexpr int floor_divide(int a, int b) { return a >= 0 ? a / b : -((b - 1 - a) / b); }

}  // namespace strata::core
