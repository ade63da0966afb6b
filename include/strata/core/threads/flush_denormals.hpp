// SPDX-License-Identifier: MIT
// Treats denormals (magnitudes below 1.2e-38) as zero on the calling thread while a FlushDenormals lives. Late in
// training most softmax gradients are denormal, and processors handle those many times slower: a fifth of a step's
// time.
#pragma once

#include <cstdint>

#if defined(__SSE__)
#include <xmmintrin.h>
#endif

namespace strata::core {

class FlushDenormals {
 public:
  FlushDenormals() : before_(mode()) { set(before_ | flush); }
  FlushDenormals(const FlushDenormals&) = delete;
  ~FlushDenormals() { set(before_); }

 private:
#if defined(__SSE__)
  static constexpr std::uint64_t flush = 0x8040;  // results, operands
  static std::uint64_t mode() { return _mm_getcsr(); }
  static void set(std::uint64_t mode) { _mm_setcsr(unsigned(mode)); }
#elif defined(__aarch64__)
  static constexpr std::uint64_t flush = 1u << 24;
  static std::uint64_t mode() {
    std::uint64_t now;
    asm volatile("mrs %0, fpcr" : "=r"(now));
    return now;
  }
  static void set(std::uint64_t mode) { asm volatile("msr fpcr, %0" : : "r"(mode)); }
#else
  static constexpr std::uint64_t flush = 0;
  static std::uint64_t mode() { return 0; }
  static void set(std::uint64_t) {}
#endif

  std::uint64_t before_;
};

}  // namespace strata::core
