// SPDX-License-Identifier: MIT
// The arithmetic of PTX where it is not that of C++, as its specification says (PTX ISA 9.0, chapter 9.7).
#include "../../support/ptx/arithmetic.hpp"

#include <doctest/doctest.h>

using namespace strata::testing::ptx;

namespace {
constexpr f32 infinite = std::numeric_limits<f32>::infinity(), not_a_number = std::numeric_limits<f32>::quiet_NaN();
}

TEST_CASE("shifts by as many bits as there are, or more, leave zeros or the sign") {
  CHECK(shift_left(u32{3}, 31) == 0x8000'0000u);
  CHECK(shift_left(u32{3}, 32) == 0);
  CHECK(shift_left(u64{3}, 32) == 0x3'0000'0000u);
  CHECK(shift_right(s32{-8}, 1) == -4);
  CHECK(shift_right(s32{-8}, 40) == -1);
  CHECK(shift_right(u32{0x8000'0000}, 32) == 0);
}

TEST_CASE("the upper half of a product") {
  CHECK(multiply_high(s32{-1}, s32{5}) == -1);
  CHECK(multiply_high(u32{0xFFFF'FFFF}, u32{5}) == 4);
  CHECK(multiply_high(s64{-1}, s64{5}) == -1);
  CHECK(multiply_high(~u64{0}, ~u64{0}) == ~u64{1});
}

TEST_CASE("of a number and NaN the minimum and the maximum are the number, and -0 is less than +0") {
  CHECK(minimum(not_a_number, 2.f) == 2);
  CHECK(maximum(2.f, not_a_number) == 2);
  CHECK(std::isnan(maximum(not_a_number, not_a_number)));
  CHECK(std::signbit(minimum(0.f, -0.f)));
  CHECK(!std::signbit(maximum(-0.f, 0.f)));
  CHECK(maximum(-3.0, 2.0) == 2);
}

TEST_CASE("a sum that is rounded down, and nothing after it") {
  CHECK(multiply_add_down(1, 1, 0x1p-30f) == 1);
  CHECK(multiply_add_down(1, 1, -0x1p-30f) == 1 - 0x1p-24f);
  CHECK(multiply_add_down(-1, 1, -0x1p-30f) == -1 - 0x1p-23f);
  CHECK(add_toward_zero(1, -0x1p-30f) == 1 - 0x1p-24f);
  CHECK(add_toward_zero(-1, 0x1p-30f) == -1 + 0x1p-24f);
  CHECK(add_toward_zero(1, 0x1p-24f) == 1);
  volatile f32 one = 1;
  CHECK(one - 0x1p-30f == 1);
}

TEST_CASE("approximations flush subnormal numbers") {
  CHECK(flushed(0x1p-127f) == 0);
  CHECK(std::signbit(flushed(-0x1p-127f)));
  CHECK(flushed(0x1p-126f) == 0x1p-126f);
  CHECK(rough_reciprocal(3) == doctest::Approx(1 / 3.).epsilon(1e-6));
  CHECK((bits<u64>(rough_reciprocal(3)) & 0xFFFF'FFFFu) == 0);
  CHECK(rough_reciprocal(-0x1p1023) == 0);
}

TEST_CASE("conversions clamp, and NaN becomes 0") {
  CHECK(saturated(-1) == 0);
  CHECK(saturated(0.25f) == 0.25f);
  CHECK(saturated(2) == 1);
  CHECK(saturated(not_a_number) == 0);
  CHECK(integer<s32>(3e9f) == 0x7FFF'FFFF);
  CHECK(integer<s32>(-infinite) == std::numeric_limits<s32>::min());
  CHECK(integer<u32>(-1.f) == 0);
  CHECK(integer<s32>(not_a_number) == 0);
  CHECK(integer<s64>(-5.0) == -5);
}

TEST_CASE("16-bit formats round to the nearest, ties to even") {
  CHECK(half_of_float(1 + 0x1p-11f) == 0x3C00);
  CHECK(half_of_float(1 + 0x3p-11f) == 0x3C02);
  CHECK(half_of_float(65520) == 0x7C00);
  CHECK(float_of_half(0x0001) == 0x1p-24f);
  CHECK(bfloat16_of_float(1 + 0x1p-8f) == 0x3F80);
  CHECK(bfloat16_of_float(1 + 0x3p-8f) == 0x3F82);
  CHECK(bfloat16_of_float(not_a_number) == 0x7FFF);
  CHECK(float_of_bfloat16(0xBF80) == -1);
}
