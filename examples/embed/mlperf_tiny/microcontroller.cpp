// SPDX-License-Identifier: MIT
// A network on a bare Cortex-M: -DNETWORK=mlperf_tiny::ResNet8 -DWEIGHTS=resnet8_weights -include resnet8.hpp, where
// `mlperf_tiny export` wrote the header for the core. Prints the scores of a drawn input, and what they took.
#include "drawing.hpp"

using Network = strata::Predictor<NETWORK, strata::Exact, strata::infer::Unscaled>;

static Network::Activations activations;
static float scores[Network::output_floats];
static float input[Network::input_floats];

int main() {
  for (int i = 0; i < drawing::inputs; i++) input[i] = float(drawing::number(i));
  Network network(activations, WEIGHTS{});
  const board::Stopwatch watch;
  network.run(input, scores);
  drawing::report(scores, watch.ticks());
}
