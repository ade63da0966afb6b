// SPDX-License-Identifier: MIT
// What a program on a bare Cortex-M measures and prints: through semihosting, which QEMU and debuggers offer, and the
// core's own timer. board.cpp starts the program and ends it when main returns.
#pragma once

#include <cstdint>

namespace board {

/// Prints text, and whole numbers.
void print(const char* text);
void print(std::int32_t number);

/// Ends the program; 0: success.
[[noreturn]] void end(int status);

/// The most bytes of stack that were in use so far, main's caller included.
std::uint32_t stack_bytes();

/// Counts ticks of the core's clock. QEMU with `-icount shift=0` advances it by its instructions, and
/// instructions_in(ticks) says how many, in steps of one tick.
class Stopwatch {
 public:
  Stopwatch();
  std::uint32_t ticks() const;
};
std::uint32_t instructions_in(std::uint32_t ticks);

}  // namespace board
