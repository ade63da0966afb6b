// SPDX-License-Identifier: MIT
// The digits network on a bare Cortex-M: classifies a drawing and prints what that took. digits_weights is in the
// header that `digits export --target cortex-m7` writes.
#include <strata/embedded.hpp>
#include <strata/models/digits.hpp>

#include "board.hpp"
#include "digits.hpp"

using Digit = strata::Predictor<strata::Digits<8, 16, 32>, strata::Exact>;

static Digit::Activations activations;  // the weights stay in flash
static std::uint8_t image[Digit::input_floats];

// 28 lines of 28 characters: '#' is full ink, '+' half ink
asm(".pushsection .rodata.drawing, \"a\"\ndrawing: .incbin \"seven.txt\"\n.byte 0\n.popsection");
extern "C" const char drawing[];

static void read_drawing() {
  int row = 0, column = 0;
  for (const char* at = drawing; *at; at++) {
    if (*at == '\n') {
      row++, column = 0;
      continue;
    }
    if (row < Digit::input.height && column < Digit::input.width)
      image[row * Digit::input.width + column] = *at == '#' ? 255 : *at == '+' ? 128 : 0;
    column++;
  }
}

int main() {
  read_drawing();
  float probability[Digit::output_floats];
  Digit digit(activations, digits_weights{});
  const board::Stopwatch watch;
  digit.run(image, probability);
  const std::uint32_t ticks = watch.ticks();
  const std::uint32_t stack = board::stack_bytes();

  for (std::size_t i = 0; i < Digit::output_floats; i++) {
    board::print(std::int32_t(i));
    board::print(": ");
    board::print(std::int32_t(probability[i] * 1e6f + 0.5f));
    board::print(" millionths\n");
  }
  board::print("class ");
  board::print(digit.classify(image));
  board::print("\ninstructions ");
  board::print(std::int32_t(board::instructions_in(ticks)));
  board::print("\nstack ");
  board::print(std::int32_t(stack));
  board::print("\n");
}
