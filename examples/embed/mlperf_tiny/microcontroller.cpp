// SPDX-License-Identifier: MIT
// A network of MLPerf Tiny on a bare Cortex-M: -DNETWORK=ResNet8 -DWEIGHTS=resnet8_weights -include resnet8.hpp, where
// `mlperf_tiny export` wrote the header for the core. Prints the scores of a drawn input, and what they took.
#include <strata/embedded.hpp>

#include "../microcontroller/board.hpp"
#include "networks.hpp"

using Network = strata::Predictor<mlperf_tiny::NETWORK, strata::Exact>;

static Network::Activations activations;
static float scores[Network::output_floats];
static std::uint8_t input[Network::input_floats];

int main() {
  for (std::size_t i = 0; i < Network::input_floats; i++) input[i] = std::uint8_t(i * 37 % 251);
  Network network(activations, WEIGHTS{});
  const board::Stopwatch watch;
  network.run(input, scores);
  const std::uint32_t ticks = watch.ticks();
  const std::uint32_t stack = board::stack_bytes();

  board::print("scores");
  for (std::size_t i = 0; i < Network::output_floats && i < 12; i++) {
    board::print(" ");
    board::print(std::int32_t(scores[i] * 1e6f + (scores[i] < 0 ? -0.5f : 0.5f)));
  }
  board::print(" millionths\ninstructions ");
  board::print(std::int32_t(board::instructions_in(ticks)));
  board::print("\nstack ");
  board::print(std::int32_t(stack));
  board::print("\n");
}
