// SPDX-License-Identifier: MIT
// 16-bit floating-point formats of files: IEEE binary16 (sign, 5 exponent bits, 10 fraction bits) and bfloat16 (the
// upper half of a float). Both convert to float exactly; a float converts to the nearest binary16.
#pragma once

#include <bit>
#include <cstdint>

namespace strata::core {

constexpr float float_of_bfloat16(std::uint16_t bits) { return std::bit_cast<float>(std::uint32_t(bits) << 16); }

constexpr float float_of_half(std::uint16_t bits) {
  const std::uint32_t sign = std::uint32_t(bits & 0x8000u) << 16;
  std::uint32_t exponent = bits >> 10 & 0x1Fu, fraction = bits & 0x3FFu;
  if (exponent == 31) return std::bit_cast<float>(sign | 0x7F800000u | fraction << 13);
  if (exponent == 0 && fraction == 0) return std::bit_cast<float>(sign);
  int shift = 0;
  if (exponent == 0) {  // subnormal: normal as a float
    while (!(fraction & 0x400u)) fraction <<= 1, shift++;
    fraction &= 0x3FFu;
    exponent = 1;
  }
  return std::bit_cast<float>(sign | std::uint32_t(int(exponent) - shift + 127 - 15) << 23 | fraction << 13);
}

/// The nearest binary16, ties to even; infinite from 65520 on; NaN stays NaN.
constexpr std::uint16_t half_of_float(float x) {
  const std::uint32_t bits = std::bit_cast<std::uint32_t>(x), sign = bits >> 16 & 0x8000u,
                      magnitude = bits & 0x7FFFFFFFu;
  const std::uint32_t exponent = magnitude >> 23, fraction = magnitude & 0x7FFFFFu;
  if (magnitude > 0x7F800000u) return std::uint16_t(sign | 0x7C00u | (fraction >> 13 ? fraction >> 13 : 0x200u));
  if (magnitude >= 0x477FF000u) return std::uint16_t(sign | 0x7C00u);
  if (exponent < 102) return std::uint16_t(sign);  // below half of the smallest subnormal
  const bool subnormal = exponent < 113;           // below 2^-14: multiples of 2^-24
  const std::uint32_t number = subnormal ? 0x800000u | fraction : magnitude - (112u << 23);
  const std::uint32_t cut = subnormal ? 126 - exponent : 13, even = number >> cut & 1u;
  return std::uint16_t(sign | (number + (1u << (cut - 1)) - 1 + even) >> cut);  // a carry propagates into the exponent
}

}  // namespace strata::core
