// SPDX-License-Identifier: MIT
// A program does not link if strata::kernels and a file that uses it were compiled with flags that give different code:
// tiles, layouts and sizes of workspaces would differ. Each such file refers to a function whose template arguments
// spell its flags, and the library defines it for its own, so that the linker's message names the flags.
#pragma once

#if defined(STRATA_KERNELS)

#include <strata/core/build_class.hpp>
#include <strata/cpu/caches.hpp>

namespace strata::cpu {

/// What the template arguments of which_has spell.
namespace flags {
template <int Floats>
struct floats_a_vector;
template <bool>
struct fused_multiply_adds;
template <bool>
struct fast_math;
template <bool>
struct optimization;
template <long SecondCacheBytes, long ThirdCacheBytes>
struct caches;
}  // namespace flags

/// "undefined reference to strata::cpu::strata_kernels_has_other_flags_than_this_file::which_has<...>"
struct strata_kernels_has_other_flags_than_this_file {
  template <class... Flag>
  static void which_has();
};

#if defined(STRATA_KERNELS_FUNCTIONS)
template <class... Flag>
void strata_kernels_has_other_flags_than_this_file::which_has() {}
#endif

#if __has_attribute(retain)
[[gnu::retain]]  // with -Wl,--gc-sections too
#endif
[[gnu::used]] static void (*const flags_of_this_file)() = strata_kernels_has_other_flags_than_this_file::which_has<
    core::compiler_family, core::instruction_set, flags::floats_a_vector<core::simd::lanes>,
    flags::fused_multiply_adds<core::fuses_multiply_adds>, flags::fast_math<core::reorders_sums>,
    flags::optimization<core::optimized>, flags::caches<second_cache_bytes, third_cache_bytes>>;

}  // namespace strata::cpu

#endif
