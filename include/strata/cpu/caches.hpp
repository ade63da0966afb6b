// SPDX-License-Identifier: MIT
// The caches that blocks of work are cut for, bytes. What is compiled for an instruction set runs on machines of several
// sizes; whoever knows better defines STRATA_SECOND_CACHE_BYTES or STRATA_THIRD_CACHE_BYTES, alike in all files of a program.
// Blocks change neither a bit of the results nor what can be computed, only speed and workspace.
#pragma once

namespace strata::cpu {

#ifdef STRATA_SECOND_CACHE_BYTES
inline constexpr long second_cache_bytes = STRATA_SECOND_CACHE_BYTES;  ///< of one core
#else
inline constexpr long second_cache_bytes = 1 << 20;  ///< of one core
#endif
#ifdef STRATA_THIRD_CACHE_BYTES
inline constexpr long third_cache_bytes = STRATA_THIRD_CACHE_BYTES;  ///< shared by some
#else
inline constexpr long third_cache_bytes = 32 << 20;  ///< shared by some
#endif

static_assert(second_cache_bytes >= 1 << 16 && third_cache_bytes >= second_cache_bytes,
              "strata: STRATA_SECOND_CACHE_BYTES is at least 65536 and at most STRATA_THIRD_CACHE_BYTES");

}  // namespace strata::cpu
