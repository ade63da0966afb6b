// SPDX-License-Identifier: MIT
// The extensions of the instruction set that a file was compiled to use, and those that this machine has. Everything
// has internal linkage, since files of one program may target several instruction sets.
#pragma once

#include <cstdint>
#include <string>

#if defined(__x86_64__) || defined(__i386__)
#include <cpuid.h>
#elif defined(__aarch64__) && defined(__linux__)
#include <sys/auxv.h>
#endif

namespace strata::core {

/// A set of the extensions that cpu_extensions lists: bit i is that of number i.
using CpuFeatures = std::uint64_t;

/// The text of a macro that the compiler defines as a number where it may use an extension, and else its name.
#define STRATA_MACRO_NAME(macro) #macro
#define STRATA_MACRO_TEXT(macro) STRATA_MACRO_NAME(macro)

#if defined(__x86_64__) || defined(__i386__)

enum CpuidOutput : unsigned { eax, ebx, ecx, edx };
/// The state that the operating system must save, as bits of XCR0.
constexpr unsigned no_state = 0, avx_state = 0x6, avx512_state = 0xE6;

/// Where CPUID, without a subleaf, says that the machine has an extension (Intel 64 and IA-32 Architectures Software
/// Developer's Manual, volume 2A).
struct CpuExtension {
  const char *macro, *name;
  unsigned leaf;
  CpuidOutput output;
  unsigned bit, state;
};
constexpr CpuExtension cpu_extensions[] = {
    {STRATA_MACRO_TEXT(__SSE3__), "SSE3", 1, ecx, 0, no_state},
    {STRATA_MACRO_TEXT(__SSSE3__), "SSSE3", 1, ecx, 9, no_state},
    {STRATA_MACRO_TEXT(__SSE4_1__), "SSE4.1", 1, ecx, 19, no_state},
    {STRATA_MACRO_TEXT(__SSE4_2__), "SSE4.2", 1, ecx, 20, no_state},
    {STRATA_MACRO_TEXT(__MOVBE__), "MOVBE", 1, ecx, 22, no_state},
    {STRATA_MACRO_TEXT(__POPCNT__), "POPCNT", 1, ecx, 23, no_state},
    {STRATA_MACRO_TEXT(__LZCNT__), "LZCNT", 0x80000001, ecx, 5, no_state},
    {STRATA_MACRO_TEXT(__BMI__), "BMI1", 7, ebx, 3, no_state},
    {STRATA_MACRO_TEXT(__BMI2__), "BMI2", 7, ebx, 8, no_state},
    {STRATA_MACRO_TEXT(__GFNI__), "GFNI", 7, ecx, 8, no_state},
    {STRATA_MACRO_TEXT(__FMA__), "FMA", 1, ecx, 12, avx_state},
    {STRATA_MACRO_TEXT(__AVX__), "AVX", 1, ecx, 28, avx_state},
    {STRATA_MACRO_TEXT(__F16C__), "F16C", 1, ecx, 29, avx_state},
    {STRATA_MACRO_TEXT(__AVX2__), "AVX2", 7, ebx, 5, avx_state},
    {STRATA_MACRO_TEXT(__AVX512F__), "AVX512F", 7, ebx, 16, avx512_state},
    {STRATA_MACRO_TEXT(__AVX512DQ__), "AVX512DQ", 7, ebx, 17, avx512_state},
    {STRATA_MACRO_TEXT(__AVX512IFMA__), "AVX512IFMA", 7, ebx, 21, avx512_state},
    {STRATA_MACRO_TEXT(__AVX512CD__), "AVX512CD", 7, ebx, 28, avx512_state},
    {STRATA_MACRO_TEXT(__AVX512BW__), "AVX512BW", 7, ebx, 30, avx512_state},
    {STRATA_MACRO_TEXT(__AVX512VL__), "AVX512VL", 7, ebx, 31, avx512_state},
    {STRATA_MACRO_TEXT(__AVX512VBMI__), "AVX512VBMI", 7, ecx, 1, avx512_state},
    {STRATA_MACRO_TEXT(__AVX512VBMI2__), "AVX512VBMI2", 7, ecx, 6, avx512_state},
    {STRATA_MACRO_TEXT(__AVX512VNNI__), "AVX512VNNI", 7, ecx, 11, avx512_state},
    {STRATA_MACRO_TEXT(__AVX512BITALG__), "AVX512BITALG", 7, ecx, 12, avx512_state},
    {STRATA_MACRO_TEXT(__AVX512VPOPCNTDQ__), "AVX512VPOPCNTDQ", 7, ecx, 14, avx512_state},
    {STRATA_MACRO_TEXT(__AVX512FP16__), "AVX512FP16", 7, edx, 23, avx512_state},
};

/// XCR0; 0 where the operating system has not enabled XGETBV.
[[maybe_unused]] static unsigned saved_state() {
  unsigned a = 0, b = 0, c = 0, d = 0;
  if (!__get_cpuid(1, &a, &b, &c, &d) || !(c >> 27 & 1)) return 0;
  asm volatile("xgetbv" : "=a"(a), "=d"(d) : "c"(0));
  return a;
}
[[maybe_unused]] static bool machine_has(const CpuExtension& extension) {
  unsigned out[4] = {};
  return __get_cpuid_count(extension.leaf, 0, &out[eax], &out[ebx], &out[ecx], &out[edx]) &&
         (out[extension.output] >> extension.bit & 1) && (saved_state() & extension.state) == extension.state;
}

#elif defined(__aarch64__) && defined(__linux__)

/// A bit of AT_HWCAP or AT_HWCAP2 (Linux, Documentation/arm64/elf_hwcaps.rst).
struct CpuExtension {
  const char *macro, *name;
  unsigned long vector;
  unsigned bit;
};
constexpr CpuExtension cpu_extensions[] = {
    {STRATA_MACRO_TEXT(__ARM_FEATURE_CRC32), "CRC32", AT_HWCAP, 7},
    {STRATA_MACRO_TEXT(__ARM_FEATURE_ATOMICS), "LSE", AT_HWCAP, 8},
    {STRATA_MACRO_TEXT(__ARM_FEATURE_FP16_VECTOR_ARITHMETIC), "FP16", AT_HWCAP, 10},
    {STRATA_MACRO_TEXT(__ARM_FEATURE_QRDMX), "RDM", AT_HWCAP, 12},
    {STRATA_MACRO_TEXT(__ARM_FEATURE_DOTPROD), "DotProd", AT_HWCAP, 20},
    {STRATA_MACRO_TEXT(__ARM_FEATURE_SVE), "SVE", AT_HWCAP, 22},
    {STRATA_MACRO_TEXT(__ARM_FEATURE_SVE2), "SVE2", AT_HWCAP2, 1},
    {STRATA_MACRO_TEXT(__ARM_FEATURE_MATMUL_INT8), "I8MM", AT_HWCAP2, 13},
    {STRATA_MACRO_TEXT(__ARM_FEATURE_BF16_VECTOR_ARITHMETIC), "BF16", AT_HWCAP2, 14},
};
[[maybe_unused]] static bool machine_has(const CpuExtension& extension) {
  return getauxval(extension.vector) >> extension.bit & 1;
}

#else

/// None is known: all machines are taken to have what a file uses.
struct CpuExtension {
  const char *macro, *name;
};
constexpr CpuExtension cpu_extensions[] = {{"", ""}};
[[maybe_unused]] static bool machine_has(const CpuExtension&) { return true; }

#endif

constexpr int cpu_extension_count = sizeof cpu_extensions / sizeof cpu_extensions[0];

/// The extensions that the compiler may use in this file.
constexpr CpuFeatures features_of_this_file = [] {
  CpuFeatures out = 0;
  for (int i = 0; i < cpu_extension_count; i++) {
    const char first = cpu_extensions[i].macro[0];
    if (first >= '0' && first <= '9') out |= CpuFeatures(1) << i;
  }
  return out;
}();

/// Those of `needed` that this machine lacks, as "AVX2, FMA"; empty: none.
[[maybe_unused]] static std::string missing_features(CpuFeatures needed) {
  std::string out;
  for (int i = 0; i < cpu_extension_count; i++)
    if ((needed >> i & 1) && !machine_has(cpu_extensions[i]))
      out += (out.empty() ? "" : ", ") + std::string(cpu_extensions[i].name);
  return out;
}

}  // namespace strata::core
