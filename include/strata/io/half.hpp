// SPDX-License-Identifier: MIT
// Numbers of 16 bits as files hold them: IEEE binary16 (sign, 5 bits of exponent, 10 of fraction) and bfloat16 (the upper
// half of a float). Both become floats without loss.
#pragma once

#include <bit>
#include <cstdint>

namespace strata {

constexpr float float_of_bfloat16(std::uint16_t bits) { return std::bit_cast<float>(std::uint32_t(bits) << 16); }

constexpr float float_of_half(std::uint16_t bits) {
  const std::uint32_t sign = std::uint32_t(bits & 0x8000u) << 16;
  std::uint32_t exponent = bits >> 10 & 0x1Fu, fraction = bits & 0x3FFu;
  if (exponent == 31) return std::bit_cast<float>(sign | 0x7F800000u | fraction << 13);
  if (exponent == 0 && fraction == 0) return std::bit_cast<float>(sign);
  int shift = 0;
  if (exponent == 0) {  // subnormal: a float has room to normalise it
    while (!(fraction & 0x400u)) fraction <<= 1, shift++;
    fraction &= 0x3FFu;
    exponent = 1;
  }
  return std::bit_cast<float>(sign | std::uint32_t(int(exponent) - shift + 127 - 15) << 23 | fraction << 13);
}

}  // namespace strata
