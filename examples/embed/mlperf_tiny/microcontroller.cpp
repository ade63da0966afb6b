// SPDX-License-Identifier: MIT
// A network on a bare Cortex-M: -DNETWORK=mlperf_tiny::ResNet8 -DPOLICIES= -DWEIGHTS=resnet8_weights
// -include resnet8.hpp, where `mlperf_tiny export` wrote the header for the core; POLICIES: empty, or more than Exact
// after a comma. Prints the scores of a drawn input, and what they took.
#include "report.hpp"

using Network = strata::Predictor<NETWORK, strata::Exact POLICIES>;

static Network::Activations activations;
static float scores[Network::output_floats];
static float input[Network::input_floats];

int main() {
  for (int i = 0; i < measured::inputs; i++) input[i] = float(mlperf_tiny::drawn_number(i));
  Network network(activations, WEIGHTS{});
  const board::Stopwatch watch;
  network.run(input, scores);
  measured::report(scores, watch.ticks());
}
