// SPDX-License-Identifier: MIT
// Random numbers that depend only on a seed and a counter, so every back end, thread count and resumed run draws the
// same ones. The mixing function is SplitMix64's finalizer (Steele, Lea, Flood 2014).
#pragma once

#include <cstdint>

namespace strata::core {

/// A well-mixed 64-bit word for each (seed, counter).
constexpr std::uint64_t mix(std::uint64_t seed, std::uint64_t counter) {
  std::uint64_t x = seed + counter * 0x9E3779B97F4A7C15ull;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ull;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBull;
  return x ^ (x >> 31);
}

/// The upper 64 bits of a b; 32-bit machines have no type for the whole product.
constexpr std::uint64_t upper_product(std::uint64_t a, std::uint64_t b) {
  const std::uint64_t low_a = a & 0xFFFF'FFFF, high_a = a >> 32, low_b = b & 0xFFFF'FFFF, high_b = b >> 32;
  const std::uint64_t upper = high_a * low_b + (low_a * low_b >> 32), middle = low_a * high_b + (upper & 0xFFFF'FFFF);
  return high_a * high_b + (upper >> 32) + (middle >> 32);
}

/// A multiple of 2^-24, uniform in [0, 1).
constexpr float uniform(std::uint64_t seed, std::uint64_t counter) {
  return float(mix(seed, counter) >> 40) * 0x1p-24f;
}

/// A stream of random words. Its whole state is two numbers, which a checkpoint stores.
struct Random {
  std::uint64_t seed = 0, counter = 0;

  constexpr std::uint64_t next() { return mix(seed, counter++); }
  /// Uniform in [0, bound), bound > 0; the bias is below bound / 2^64.
  constexpr std::uint64_t below(std::uint64_t bound) { return upper_product(next(), bound); }
  constexpr float uniform() { return float(next() >> 40) * 0x1p-24f; }
};

}  // namespace strata::core
