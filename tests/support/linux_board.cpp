// SPDX-License-Identifier: MIT
// What microcontroller.cpp needs of a board, for Linux. Nothing counts instructions.
#include "../../examples/embed/microcontroller/board.hpp"

#include <cstdio>
#include <cstdlib>

namespace board {

void print(const char* text) { std::fputs(text, stdout); }
void print(std::int32_t number) { std::printf("%ld", long(number)); }
void end(int status) { std::exit(status); }
std::uint32_t stack_bytes() { return 0; }
Stopwatch::Stopwatch() = default;
std::uint32_t Stopwatch::ticks() const { return 0; }
std::uint32_t instructions_in(std::uint32_t ticks) { return ticks; }

}  // namespace board
