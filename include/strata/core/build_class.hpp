// SPDX-License-Identifier: MIT
// Identifies the builds that compute the same bits: how sums are rounded depends on what the compiler may fuse and on
// the vector width. Everything has internal linkage, since files of one program may target several instruction sets.
#pragma once

#include <strata/core/condition.hpp>
#include <strata/core/formulas/simd.hpp>

namespace strata::core {

#if defined(__clang__)
constexpr const char* compiler_family = "clang";
#elif defined(__GNUC__)
constexpr const char* compiler_family = "gcc";
#else
constexpr const char* compiler_family = "another";
#endif

#if defined(EIGEN_DONT_VECTORIZE)
constexpr const char* instruction_set = "no vectors";
#elif defined(__AVX512F__)
constexpr const char* instruction_set = "AVX-512";
#elif defined(__AVX2__)
constexpr const char* instruction_set = "AVX2";
#elif defined(__AVX__)
constexpr const char* instruction_set = "AVX";
#elif defined(__SSE2__)
constexpr const char* instruction_set = "SSE2";
#elif defined(__ARM_NEON)
constexpr const char* instruction_set = "NEON";
#else
constexpr const char* instruction_set = "another";
#endif

#if defined(__FMA__) || defined(__ARM_FEATURE_FMA)
constexpr bool fuses_multiply_adds = true;
#else
constexpr bool fuses_multiply_adds = false;
#endif

#if defined(__FAST_MATH__)
constexpr bool reorders_sums = true;
#else
constexpr bool reorders_sums = false;
#endif

#if defined(__OPTIMIZE__)
constexpr bool optimized = true;  // without optimization, nothing is fused
#else
constexpr bool optimized = false;
#endif

/// The compiler and the instruction set of this translation unit, as conditions.
[[maybe_unused]] static Conditions build_class() {
  Conditions out;
  out.add("compiler", std::string(compiler_family) + (optimized ? "" : " without optimization") +
                          (reorders_sums ? " with -ffast-math" : ""));
  out.add("instruction set", std::string(instruction_set) + (fuses_multiply_adds ? " with FMA, " : ", ") +
                                 Conditions::exact(core::simd::lanes) +
                                 (core::simd::lanes == 1 ? " float" : " floats") + " a vector");
  return out;
}

}  // namespace strata::core
