// SPDX-License-Identifier: MIT
// Runs translated kernels, thread by thread, in an order that a GPU may choose too.
#pragma once

#include "translated.hpp"

#include <string>

namespace strata::testing::ptx {

enum class Order { forward, reversed, shuffled };  ///< of the blocks, and of the threads of a block between barriers

/// The memory that kernels may access.
struct Memory {
  Range (*allocation)(u64 address) = nullptr;  ///< the living one that holds the address; empty: there is none
  std::string (*describe)(u64 address) = nullptr;
};

struct Settings {
  Order order = Order::forward;
  bool races = false;  ///< looks for them, which takes several times as long
  Memory memory;       ///< null: every address of the process
};
Settings& settings();

/// What has run since the program began.
struct Counts {
  long launches = 0;
  int kernels = 0, translated = 0;  ///< different kernels that ran; those that are linked
};
Counts counts();

/// The translated kernel; throws Error if none of this name is linked.
const Kernel& kernel_named(const std::string& mangled);
/// Demangled, e.g. "each_of<Softmax<float>>": without what nvcc adds.
std::string readable_name(const Kernel& kernel);

/// Runs a kernel on `blocks` blocks of `threads` threads. Throws Error where it breaks a rule.
void execute(const Kernel& kernel, const std::vector<char>& arguments, u32 blocks, u32 threads);

[[noreturn]] void report_race(u64 address, bool writes, bool other_writes, u32 other, int other_line,
                              const Thread& thread, int line);

}  // namespace strata::testing::ptx
