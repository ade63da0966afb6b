// SPDX-License-Identifier: MIT
// The work by which a machine's speed is measured, on the calling thread.
#pragma once

#include <strata/core/formulas/simd.hpp>

namespace strata::report {

/// Chains of multiply_in_registers(), enough to hide the latency of a multiply-add.
inline constexpr int multiply_chains = 12;

/// `steps` multiply-adds of vectors in each of the chains, without memory.
inline void multiply_in_registers(int steps) {
  core::simd::Vector sum[multiply_chains];
  for (int i = 0; i < multiply_chains; i++) sum[i] = core::simd::Vector(float(i));
  const core::simd::Vector factor(0.5f);
  for (int s = 0; s < steps; s++)
    core::simd::unroll<multiply_chains>([&](auto i)
                                            STRATA_INLINE_LAMBDA { sum[i] = core::simd::fma(sum[i], factor, factor); });
  core::simd::Vector total(0.f);
  core::simd::unroll<multiply_chains>([&](auto i) STRATA_INLINE_LAMBDA { total = total + sum[i]; });
  volatile float kept = core::simd::sum(total);
  (void)kept;
}

/// The number of vectors that a step of a stream takes at once.
inline constexpr int stream_vectors = 8;
/// The number of floats of such a step, of which streams take whole numbers.
inline constexpr long stream_step = long(stream_vectors) * core::simd::lanes;

/// a = b + s c for the elements from begin to end, `times` times. a points to the arrays a, b and c, [3][floats];
/// begin and end are multiples of stream_step.
inline void stream_triad(float* a, long floats, long begin, long end, long times) {
  const core::simd::Vector factor(0.5f);
  for (long k = 0; k < times; k++) {
    asm volatile("" ::: "memory");  // every repetition counts
    for (long i = begin; i < end; i += stream_step)
      core::simd::unroll<stream_vectors>([&](auto v) STRATA_INLINE_LAMBDA {
        float* const at = a + i + v * core::simd::lanes;
        core::simd::store(at,
                          core::simd::fma(core::simd::load(at + 2 * floats), factor, core::simd::load(at + floats)));
      });
  }
}

}  // namespace strata::report
