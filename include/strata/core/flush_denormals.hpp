// SPDX-License-Identifier: MIT
// Numbers below 1e-38 (denormals) count as zero as long as one of these lives on the thread. Late in a training most
// gradients of a softmax are that small, and machines compute with them many times slower: a fifth of a step was lost.
#pragma once

#include <cstdint>

#if defined(__SSE__)
#include <xmmintrin.h>
#endif

namespace strata {

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

}  // namespace strata
