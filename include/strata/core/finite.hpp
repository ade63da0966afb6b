// SPDX-License-Identifier: MIT
// Tests for finite numbers by their bits: under -ffast-math the compiler assumes that all numbers are finite.
#pragma once

#include <bit>
#include <cstdint>

namespace strata::core {

constexpr bool is_finite(float x) { return (std::bit_cast<std::uint32_t>(x) & 0x7F800000u) != 0x7F800000u; }
constexpr bool is_finite(double x) {
  return (std::bit_cast<std::uint64_t>(x) & 0x7FF0000000000000u) != 0x7FF0000000000000u;
}

/// Whether x is in [least, most], with finite bounds; false for NaN.
constexpr bool is_within(double x, double least, double most) { return is_finite(x) && x >= least && x <= most; }

/// "NaN", "infinity" or "-infinity", for an x that is not finite.
constexpr const char* not_finite_name(double x) {
  const std::uint64_t bits = std::bit_cast<std::uint64_t>(x);
  if ((bits & 0x000FFFFFFFFFFFFFu) != 0) return "NaN";
  return bits >> 63 ? "-infinity" : "infinity";
}

/// The index of the first of `count` numbers that is not finite; -1: all are.
inline long first_not_finite(const float* x, long count) {
  constexpr long stretch = 4096;
  for (long begin = 0; begin < count; begin += stretch) {
    const long end = count - begin < stretch ? count : begin + stretch;
    bool found = false;
    for (long i = begin; i < end; i++) found |= !is_finite(x[i]);  // branchless, so it vectorizes
    for (long i = begin; found && i < end; i++)
      if (!is_finite(x[i])) return i;
  }
  return -1;
}

}  // namespace strata::core
