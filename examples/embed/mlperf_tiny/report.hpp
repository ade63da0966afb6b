// SPDX-License-Identifier: MIT
// What the programs for a bare Cortex-M share, strata's and the one around onnx2c's code: a report of what they took.
// -DNETWORK=mlperf_tiny::ResNet8 says which network.
#pragma once

#include <strata/embedded.hpp>

#include "../microcontroller/board.hpp"
#include "networks.hpp"

namespace measured {

inline constexpr strata::Shape input = strata::input_shape<NETWORK>;
inline constexpr int inputs = int(input.size()), outputs = int(strata::output_shape<NETWORK>.size());

/// Prints the first twelve scores, and what they took.
inline void report(const float* scores, std::uint32_t ticks) {
  const std::uint32_t stack = board::stack_bytes();
  board::print("scores");
  for (int i = 0; i < outputs && i < 12; i++) {
    board::print(" ");
    board::print(std::int32_t(scores[i] * 1e6f + (scores[i] < 0 ? -0.5f : 0.5f)));
  }
  board::print(" millionths\ninstructions ");
  board::print(std::int32_t(board::instructions_in(ticks)));
  board::print("\nstack ");
  board::print(std::int32_t(stack));
  board::print("\n");
}

}  // namespace measured
