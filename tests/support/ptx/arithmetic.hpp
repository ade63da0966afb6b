// SPDX-License-Identifier: MIT
// The arithmetic of PTX where it is not that of C++. Integers wrap around, by -fwrapv.
#pragma once

#include <strata/core/half.hpp>

#include <bit>
#include <cfenv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <type_traits>

namespace strata::testing::ptx {

using pred = bool;
using u8 = std::uint8_t;
using s8 = std::int8_t;
using b8 = u8;
using u16 = std::uint16_t;
using s16 = std::int16_t;
using b16 = u16;
using u32 = std::uint32_t;
using s32 = std::int32_t;
using b32 = u32;
using u64 = std::uint64_t;
using s64 = std::int64_t;
using b64 = u64;
using f32 = float;
using f64 = double;

template <class To, class From>
To bits(From from) {
  return std::bit_cast<To>(from);
}

/// Shifts by as many bits as there are or more leave zeros, or copies of the sign.
template <class T>
T shift_left(T a, u32 count) {
  return count < sizeof(T) * 8 ? T(a << count) : T(0);
}
template <class T>
T shift_right(T a, u32 count) {
  return count < sizeof(T) * 8 ? T(a >> count) : T(a < 0 ? -1 : 0);
}

/// The upper half of the product.
template <class T>
T multiply_high(T a, T b) {
  using Wide = std::conditional_t<std::is_signed_v<T>, __int128, unsigned __int128>;
  return T((Wide(a) * Wide(b)) >> (sizeof(T) * 8));
}

/// Of a number and NaN the number; -0 is less than +0.
template <class T>
T minimum(T a, T b) {
  return std::isnan(a) ? b : std::isnan(b) ? a : a == b ? (std::signbit(a) ? a : b) : a < b ? a : b;
}
template <class T>
T maximum(T a, T b) {
  return std::isnan(a) ? b : std::isnan(b) ? a : a == b ? (std::signbit(a) ? b : a) : a > b ? a : b;
}

/// a b + c, rounded down.
inline f32 multiply_add_down(f32 a, f32 b, f32 c) {
  const int rounding = std::fegetround();
  std::fesetround(FE_DOWNWARD);
  volatile f32 x = a, y = b, z = c;  // so that the compiler computes nothing before the mode is set
  const volatile f32 result = std::fma(x, y, z);
  std::fesetround(rounding);
  return result;
}

/// a + b, rounded toward zero.
inline f32 add_toward_zero(f32 a, f32 b) {
  const int rounding = std::fegetround();
  std::fesetround(FE_TOWARDZERO);
  volatile f32 x = a, y = b;  // as above
  const volatile f32 result = x + y;
  std::fesetround(rounding);
  return result;
}

/// Subnormal numbers become zeros.
inline f32 flushed(f32 a) { return std::fabs(a) < std::numeric_limits<f32>::min() ? std::copysign(0.f, a) : a; }

/// 1 / a from the upper halves of both, without subnormal numbers.
inline f64 rough_reciprocal(f64 a) {
  constexpr u64 upper = 0xFFFF'FFFF'0000'0000;
  const f64 result = 1 / bits<f64>(bits<u64>(a) & upper);
  if (std::fabs(result) < std::numeric_limits<f64>::min()) return std::copysign(0., a);
  return bits<f64>(bits<u64>(result) & upper);
}

/// Clamped to [0, 1]; NaN becomes 0.
inline f32 saturated(f32 a) { return a > 0 ? a < 1 ? a : 1 : 0; }

/// Clamped to what the type holds; NaN becomes 0, for 64 bits the lowest number.
template <class To, class From>
To integer(From a) {
  constexpr To least = std::numeric_limits<To>::min(), most = std::numeric_limits<To>::max();
  if (std::isnan(a)) return sizeof(To) == 8 ? To(u64{1} << 63) : 0;
  return a <= From(least) ? least : a >= From(most) ? most : To(a);
}

using core::float_of_bfloat16;
using core::float_of_half;
using core::half_of_float;

/// The nearest bfloat16, ties to even.
inline b16 bfloat16_of_float(f32 a) {
  const u32 all = bits<u32>(a);
  return std::isnan(a) ? b16(0x7FFF) : b16((all + 0x7FFF + (all >> 16 & 1)) >> 16);
}

}  // namespace strata::testing::ptx
