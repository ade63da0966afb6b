// SPDX-License-Identifier: MIT
// A vector of one float, for machines without vector instructions: what core/formulas/simd.hpp takes from Eigen
// elsewhere, under Eigen's names. Without Eigen, a program for a microcontroller needs no other library.
#pragma once

#include <cmath>
#include <cstddef>

namespace strata::core::simd::scalar {

template <class T>
struct packet_traits;
template <>
struct packet_traits<float> {
  using type = float;
};
template <class Packet>
struct unpacket_traits {
  static constexpr int size = 1;
};
template <class Packet, int Count>
struct PacketBlock {
  Packet packet[std::size_t(Count)];
};

template <class Packet>
inline float pset1(float x) {
  return x;
}
template <class Packet>
inline float pload(const float* p) {
  return *p;
}
template <class Packet>
inline float ploadu(const float* p) {
  return *p;
}
inline void pstore(float* p, float x) { *p = x; }
inline void pstoreu(float* p, float x) { *p = x; }

inline float padd(float a, float b) { return a + b; }
inline float psub(float a, float b) { return a - b; }
inline float pmul(float a, float b) { return a * b; }
inline float pdiv(float a, float b) { return a / b; }
inline float pnegate(float a) { return -a; }
inline float pmadd(float a, float b, float c) { return a * b + c; }  // which the compiler fuses if the machine can
inline float pmax(float a, float b) { return a < b ? b : a; }
inline bool pcmp_eq(float a, float b) { return a == b; }
inline bool pcmp_lt(float a, float b) { return a < b; }
inline float pselect(bool condition, float yes, float no) { return condition ? yes : no; }
inline float predux(float a) { return a; }
inline float predux_max(float a) { return a; }
inline void ptranspose(PacketBlock<float, 1>&) {}

inline float pexp(float x) { return std::exp(x); }
inline float plog(float x) { return std::log(x); }
inline float ptanh(float x) { return std::tanh(x); }
inline float psqrt(float x) { return std::sqrt(x); }

}  // namespace strata::core::simd::scalar
