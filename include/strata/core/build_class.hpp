// SPDX-License-Identifier: MIT
// Identifies the builds that compute the same bits: how sums are rounded depends on what the compiler may fuse and on
// the vector width. Everything has internal linkage, since files of one program may target several instruction sets.
#pragma once

#include <strata/core/condition.hpp>
#include <strata/core/formulas/simd.hpp>

namespace strata::core {

/// Compilers and instruction sets, as types whose names a linker's message shows (cpu/same_flags.hpp).
namespace build {
struct gcc {
  static constexpr const char* name = "gcc";
};
struct clang {
  static constexpr const char* name = "clang";
};
struct another_compiler {
  static constexpr const char* name = "another";
};
struct no_vectors {
  static constexpr const char* name = "no vectors";
};
struct AVX512 {
  static constexpr const char* name = "AVX-512";
};
struct AVX2 {
  static constexpr const char* name = "AVX2";
};
struct AVX {
  static constexpr const char* name = "AVX";
};
struct SSE2 {
  static constexpr const char* name = "SSE2";
};
struct NEON {
  static constexpr const char* name = "NEON";
};
struct another_instruction_set {
  static constexpr const char* name = "another";
};
}  // namespace build

#if defined(__clang__)
using compiler_family = build::clang;
#elif defined(__GNUC__)
using compiler_family = build::gcc;
#else
using compiler_family = build::another_compiler;
#endif

#if defined(EIGEN_DONT_VECTORIZE)
using instruction_set = build::no_vectors;
#elif defined(__AVX512F__)
using instruction_set = build::AVX512;
#elif defined(__AVX2__)
using instruction_set = build::AVX2;
#elif defined(__AVX__)
using instruction_set = build::AVX;
#elif defined(__SSE2__)
using instruction_set = build::SSE2;
#elif defined(__ARM_NEON)
using instruction_set = build::NEON;
#else
using instruction_set = build::another_instruction_set;
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
  out.add("compiler", std::string(compiler_family::name) + (optimized ? "" : " without optimization") +
                          (reorders_sums ? " with -ffast-math" : ""));
  out.add("instruction set", std::string(instruction_set::name) + (fuses_multiply_adds ? " with FMA, " : ", ") +
                                 Conditions::exact(core::simd::lanes) +
                                 (core::simd::lanes == 1 ? " float" : " floats") + " a vector");
  return out;
}

}  // namespace strata::core
