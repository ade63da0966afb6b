// SPDX-License-Identifier: MIT
// SIMD vectors of the target machine. This is the only file that names Eigen's packets, which support AVX-512, AVX2,
// SSE and NEON; a change to that internal interface affects only this file. A machine without vectors needs no Eigen.
#pragma once

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wuninitialized"  // gcc's own undefined operands in its intrinsics
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#pragma GCC diagnostic ignored "-Wignored-attributes"  // a vector type as a template argument
#endif
#include <cmath>
#include <concepts>
#include <type_traits>
#include <utility>

#include <strata/core/formulas/functions.hpp>

#if !defined(EIGEN_DONT_VECTORIZE) && \
    (defined(__SSE2__) || defined(__ARM_NEON) || defined(__ALTIVEC__) || defined(__mips_msa) || defined(__VEC__))
#include <Eigen/Core>
namespace strata::core::simd {
namespace packets = Eigen::internal;
}
#else
#include <strata/core/formulas/scalar_packets.hpp>
namespace strata::core::simd {
namespace packets = scalar;
}
#endif

namespace strata::core::simd {

using Packet = packets::packet_traits<float>::type;
inline constexpr int lanes = packets::unpacket_traits<Packet>::size;  ///< floats in one vector: 16, 8, 4 or 1
#if defined(__aarch64__) || ((defined(__arm__) || defined(__riscv)) && !defined(__ARM_NEON))
inline constexpr int registers = 32;
#else
inline constexpr int registers = lanes == 16 ? 32 : 16;  ///< vector registers that a tile may use
#endif
/// Whether vectors are divided as exactly as floats. 32-bit NEON only estimates quotients, in Eigen to 4e-6.
#if defined(__ARM_NEON) && !defined(__aarch64__)
inline constexpr bool divides = false;
#else
inline constexpr bool divides = true;
#endif

/// Forces inlining of a lambda: write it between the parameter list and the body.
#define STRATA_INLINE_LAMBDA __attribute__((always_inline))

/// Calls body(integral_constant<int, 0>) ... body(integral_constant<int, Count - 1>), fully unrolled.
template <int Count, class Body>
[[gnu::always_inline]] inline void unroll(Body&& body) {
  [&]<int... I>(std::integer_sequence<int, I...>) STRATA_INLINE_LAMBDA {
    (body(std::integral_constant<int, I>{}), ...);
  }
  (std::make_integer_sequence<int, Count>{});
}

/// A vector of `lanes` floats with arithmetic, so that one formula serves scalars and vectors.
struct Vector {
  Packet packet;

  Vector() = default;  ///< uninitialized: a constructor loop over accumulator arrays makes gcc keep them in memory
  [[gnu::always_inline]] Vector(float value) : packet(packets::pset1<Packet>(value)) {}
  /// In plain C++ a packet is a float, which the constructor above takes.
  template <std::same_as<Packet> Given>
  requires(lanes > 1) [[gnu::always_inline]] explicit Vector(const Given& value) : packet(value) {}

  friend Vector operator+(Vector a, Vector b) { return Vector(packets::padd(a.packet, b.packet)); }
  friend Vector operator-(Vector a, Vector b) { return Vector(packets::psub(a.packet, b.packet)); }
  friend Vector operator*(Vector a, Vector b) { return Vector(packets::pmul(a.packet, b.packet)); }
  friend Vector operator/(Vector a, Vector b) {
    if constexpr (divides) return Vector(packets::pdiv(a.packet, b.packet));
    alignas(64) float x[lanes], y[lanes];
    packets::pstore(x, a.packet), packets::pstore(y, b.packet);
    for (int i = 0; i < lanes; i++) x[i] /= y[i];
    return Vector(packets::pload<Packet>(x));
  }
  friend Vector operator-(Vector a) { return Vector(packets::pnegate(a.packet)); }
};

/// load and store need p aligned to the vector's size; loadu and storeu do not.
[[gnu::always_inline]] inline Vector load(const float* p) { return Vector(packets::pload<Packet>(p)); }
[[gnu::always_inline]] inline Vector loadu(const float* p) { return Vector(packets::ploadu<Packet>(p)); }
[[gnu::always_inline]] inline void store(float* p, Vector v) { packets::pstore(p, v.packet); }
[[gnu::always_inline]] inline void storeu(float* p, Vector v) { packets::pstoreu(p, v.packet); }
/// The same where T is a vector or a float, for code that serves both.
template <class T>
[[gnu::always_inline]] inline T read(const float* p) {
  if constexpr (std::is_same_v<T, float>) return *p;
  else return loadu(p);
}
[[gnu::always_inline]] inline void write(float* p, float value) { *p = value; }
[[gnu::always_inline]] inline void write(float* p, Vector value) { storeu(p, value); }
/// Keeps a loaded vector in its register: gcc would otherwise fold the load into every use, as a memory operand.
[[gnu::always_inline]] inline void pin(Vector& v) {
#if defined(__GNUC__) && !defined(__clang__) && defined(__AVX512F__)
  asm("" : "+v"(v.packet));
#elif defined(__GNUC__) && !defined(__clang__) && defined(__SSE__)
  asm("" : "+x"(v.packet));
#elif defined(__GNUC__) && !defined(__clang__) && defined(__ARM_FP) && __ARM_ARCH_PROFILE == 'M'
  asm("" : "+t"(v.packet));
#else
  (void)v;
#endif
}
/// a * b + c, rounded once if the machine has fused multiply-add.
[[gnu::always_inline]] inline Vector fma(Vector a, Vector b, Vector c) {
  return Vector(packets::pmadd(a.packet, b.packet, c.packet));
}
/// The same of floats, rounded once or twice, as the compiler likes.
[[gnu::always_inline]] inline float fma(float a, float b, float c) { return a * b + c; }
/// a == b ? yes : no, lane by lane.
[[gnu::always_inline]] inline Vector where_equal(Vector a, Vector b, Vector yes, Vector no) {
  return Vector(packets::pselect(packets::pcmp_eq(a.packet, b.packet), yes.packet, no.packet));
}
/// a < b ? yes : no, lane by lane.
[[gnu::always_inline]] inline Vector where_less(Vector a, Vector b, Vector yes, Vector no) {
  return Vector(packets::pselect(packets::pcmp_lt(a.packet, b.packet), yes.packet, no.packet));
}
/// Sum of the lanes.
[[gnu::always_inline]] inline float sum(Vector v) { return packets::predux(v.packet); }
/// Maximum of the lanes.
[[gnu::always_inline]] inline float greatest(Vector v) { return packets::predux_max(v.packet); }
/// Lane i of vector k becomes lane k of vector i.
[[gnu::always_inline]] inline void transpose(Vector (&v)[lanes]) {
  packets::PacketBlock<Packet, lanes> block;
  unroll<lanes>([&](auto i) STRATA_INLINE_LAMBDA { block.packet[i] = v[i].packet; });
  packets::ptranspose(block);
  unroll<lanes>([&](auto i) STRATA_INLINE_LAMBDA { v[i].packet = block.packet[i]; });
}

// The functions of core/formulas/functions.hpp, lane by lane, in Vector's namespace, where generic formulas find them
// by ADL.
inline Vector maximum(Vector a, Vector b) { return Vector(packets::pmax(a.packet, b.packet)); }
inline Vector exponential(Vector x) { return Vector(packets::pexp(x.packet)); }
inline Vector logarithm(Vector x) { return Vector(packets::plog(x.packet)); }
inline Vector hyperbolic_tangent(Vector x) {
  if constexpr (divides) return Vector(packets::ptanh(x.packet));
  alignas(64) float values[lanes];
  store(values, x);
  for (float& value : values) value = std::tanh(value);
  return load(values);
}
/// 2 atanh(z), with z = x / (2 + x) <= 1/3, as the first terms of 2 (z + z^3 / 3 + z^5 / 5 + ...): off by at most 2
/// ulp.
inline Vector log_of_one_plus(Vector x) {
  const Vector z = x / (Vector(2.f) + x), square = z * z;
  Vector sum(1 / 15.f);
  for (const float factor : {1 / 13.f, 1 / 11.f, 1 / 9.f, 1 / 7.f, 1 / 5.f, 1 / 3.f})
    sum = fma(sum, square, Vector(factor));
  return Vector(2.f) * fma(sum * square, z, z);
}
inline Vector square_root(Vector x) { return Vector(packets::psqrt(x.packet)); }
/// x P(x^2) / Q(x^2) within 4, where erf is 1 in a float; P and Q by least squares, weighted until the relative error
/// was level: 2.5e-8, and with rounding 4e-7.
inline Vector error_function(Vector x) {
  if constexpr (divides) {
    const Vector bounded = maximum(-maximum(-x, Vector(-4.f)), Vector(-4.f)), square = bounded * bounded;
    Vector above(1.98668607e-06f), below(3.74178879e-05f);
    for (const float factor : {2.84541680e-04f, 3.88286302e-03f, 5.31002379e-02f, 1.93535818e-01f, 1.12837914f})
      above = fma(above, square, Vector(factor));
    for (const float factor : {1.18542888e-03f, 1.52063058e-02f, 1.15345920e-01f, 5.04849212e-01f, 1.f})
      below = fma(below, square, Vector(factor));
    return maximum(-maximum(-(bounded * above / below), Vector(-1.f)), Vector(-1.f));
  }
  alignas(64) float values[lanes];
  store(values, x);
  for (float& value : values) value = std::erf(value);
  return load(values);
}
inline Vector where_positive(Vector x, Vector yes, Vector no) {
  return Vector(packets::pselect(packets::pcmp_lt(packets::pset1<Packet>(0.f), x.packet), yes.packet, no.packet));
}

}  // namespace strata::core::simd

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic pop
#endif
