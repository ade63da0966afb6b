// SPDX-License-Identifier: MIT
// How own kernels access memory. A thread handles a pack of N neighboring elements, 16 bytes if that divides the
// channels, else one element; it computes in floats.
#pragma once

#include <strata/cuda/runtime/element.hpp>
#include <strata/cuda/runtime/launch.hpp>

#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace strata::cuda::kernels {

/// Aligned to at most 16 bytes: eight floats that go with a pack of eight halves have no stronger alignment.
template <class T, int N>
struct alignas(sizeof(T) * N < 16 ? sizeof(T) * N : 16) Pack {
  T values[std::size_t(N)];
};

template <int N, class T>
STRATA_DEVICE inline void load(const T* from, float (&x)[std::size_t(N)]) {
  const Pack<T, N> pack = *reinterpret_cast<const Pack<T, N>*>(from);
  for (int k = 0; k < N; k++) x[k] = to_float(pack.values[k]);
}
template <int N, class T>
STRATA_DEVICE inline void store(T* to, const float (&x)[std::size_t(N)]) {
  Pack<T, N> pack;
  for (int k = 0; k < N; k++) assign(pack.values[k], x[k]);
  *reinterpret_cast<Pack<T, N>*>(to) = pack;
}
/// Copies N elements without conversion.
template <int N, class T>
STRATA_DEVICE inline void copy_pack(const T* from, T* to) {
  *reinterpret_cast<Pack<T, N>*>(to) = *reinterpret_cast<const Pack<T, N>*>(from);
}

/// Calls body(T{}, integral_constant<int, N>{}): N elements T are 16 bytes if N divides `count`, else N is 1. `count`
/// is the length of a run that no pack may cross, or a number with the same trailing zero bits.
template <class Body>
void with_pack(Element e, long count, Body&& body) {
  with_element(e, [&](auto zero) {
    using T = decltype(zero);
    constexpr int most = 16 / int(sizeof(T));
    if (count % most == 0) body(zero, std::integral_constant<int, most>{});
    else body(zero, std::integral_constant<int, 1>{});
  });
}

/// a / b for a, b >= 0, in 32 bits where they suffice, which needs a fifth of the instructions on a GPU.
STRATA_DEVICE inline long divide(long a, long b) {
  return (a | b) >> 32 ? a / b : long(std::uint32_t(a) / std::uint32_t(b));
}

}  // namespace strata::cuda::kernels
