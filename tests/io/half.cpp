// SPDX-License-Identifier: MIT
#include <strata/io/half.hpp>

#include <doctest/doctest.h>

#include <cmath>

using namespace strata;

TEST_CASE("every half is the number that its bits say") {
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
