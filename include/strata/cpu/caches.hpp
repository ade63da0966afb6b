// SPDX-License-Identifier: MIT
// The cache sizes, in bytes, that blocks of work are sized for. Code compiled for one instruction set runs on machines
// with different caches: define STRATA_SECOND_CACHE_BYTES (L2) or STRATA_THIRD_CACHE_BYTES (L3), with the same value in
// every file of a program, to override the defaults. The sizes affect only speed and workspace, never the results.
#pragma once

#include <strata/core/divide.hpp>

namespace strata::cpu {

#ifdef STRATA_SECOND_CACHE_BYTES
inline constexpr long second_cache_bytes = STRATA_SECOND_CACHE_BYTES;  ///< L2, per core
#elif defined(__ARM_ARCH_PROFILE) && __ARM_ARCH_PROFILE == 'M'
inline constexpr long second_cache_bytes = 1 << 16;  ///< a microcontroller has none: what a workspace may take
#else
inline constexpr long second_cache_bytes = 1 << 20;  ///< L2, per core
#endif
#ifdef STRATA_THIRD_CACHE_BYTES
inline constexpr long third_cache_bytes = STRATA_THIRD_CACHE_BYTES;  ///< L3, shared by several cores
#else
inline constexpr long third_cache_bytes = 32 << 20;  ///< L3, shared by several cores
#endif

static_assert(second_cache_bytes >= 1 << 16 && third_cache_bytes >= second_cache_bytes,
              "strata: STRATA_SECOND_CACHE_BYTES must be at least 65536 and at most STRATA_THIRD_CACHE_BYTES");

/// Whether kernels request early what they read and write next. On a microcontroller, next to nothing lies between
/// registers and memory.
#if defined(__ARM_ARCH_PROFILE) && __ARM_ARCH_PROFILE == 'M'
inline constexpr bool prefetches = false;
#else
inline constexpr bool prefetches = true;
#endif

inline constexpr int line_floats = 16;  ///< of a cache line

/// `floats` rounded up to whole cache lines.
constexpr long whole_lines(long floats) { return core::round_up(floats, line_floats); }

}  // namespace strata::cpu
