// SPDX-License-Identifier: MIT
#include <strata/core/half.hpp>

#include <doctest/doctest.h>

#include <bit>
#include <cmath>
#include <initializer_list>

using namespace strata;
using namespace strata::core;

TEST_CASE("every half is the number that its bits mean") {
  for (unsigned bits = 0; bits < 65536; bits++) {
    const int exponent = int(bits >> 10 & 31), fraction = int(bits & 1023);
    const double sign = bits & 0x8000 ? -1 : 1;
    const float given = float_of_half(std::uint16_t(bits));
    if (exponent == 31) {
      CHECK(fraction ? std::isnan(given) : std::isinf(given));
      continue;
    }
    const double expected = sign * (exponent ? std::ldexp(1024 + fraction, exponent - 25) : std::ldexp(fraction, -24));
    if (double(given) != expected) FAIL(bits);
    CHECK(std::signbit(given) == (sign < 0));
  }
}

TEST_CASE("a bfloat16 is the upper half of a float") {
  static_assert(float_of_bfloat16(0x3F80) == 1.f);
  static_assert(float_of_bfloat16(0xC0A0) == -5.f);
  CHECK(std::isinf(float_of_bfloat16(0x7F80)));
}

TEST_CASE("every half survives the round trip through float") {
  for (unsigned bits = 0; bits < 65536; bits++)
    if (half_of_float(float_of_half(std::uint16_t(bits))) != bits) FAIL(bits);
}

TEST_CASE("a float becomes the nearest half, ties to even") {
  for (unsigned bits = 0; bits < 0x7BFF; bits++) {  // between each half and the next
    const float low = float_of_half(std::uint16_t(bits)), high = float_of_half(std::uint16_t(bits + 1)),
                middle = (low + high) / 2;
    const unsigned even = bits % 2 ? bits + 1 : bits;
    const bool right = half_of_float(middle) == even && half_of_float(std::nextafter(middle, 0.f)) == bits &&
                       half_of_float(std::nextafter(middle, 1e9f)) == bits + 1 &&
                       half_of_float(-middle) == (even | 0x8000u);
    if (!right) FAIL(bits);
  }
  static_assert(half_of_float(0x1p-24f) == 1);
  static_assert(half_of_float(0x1p-25f) == 0);
  static_assert(half_of_float(-0.f) == 0x8000);
  static_assert(half_of_float(0x1p-149f) == 0);
  static_assert(half_of_float(0x1.8p-24f) == 2);
}

TEST_CASE("what is beyond the range is infinite, and NaN is NaN") {
  CHECK(half_of_float(65504.f) == 0x7BFF);
  CHECK(half_of_float(std::nextafter(65520.f, 0.f)) == 0x7BFF);
  for (const float x : {65520.f, 1e30f, HUGE_VALF}) {
    CHECK(half_of_float(x) == 0x7C00);
    CHECK(half_of_float(-x) == 0xFC00);
  }
  for (const std::uint32_t bits : {0x7F800001u, 0x7FC00000u, 0xFFFFFFFFu})
    CHECK(std::isnan(float_of_half(half_of_float(std::bit_cast<float>(bits)))));
}
