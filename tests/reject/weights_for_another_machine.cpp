// SPDX-License-Identifier: MIT
// expect: the header's weights are packed for another machine or other policies than this predictor's; export them for
#include <strata/embedded.hpp>

using namespace strata;
using Net = Network<Image<8, 8, 4>, Conv<1, 3>, PixelSoftmax>;

struct packed_weights {
  static constexpr std::uint64_t network = graph::structural_hash<Net>, format = 7;
  static const float* packed();
  static const float* input();
};

void use(Predictor<Net>::Activations& activations) { Predictor<Net> predictor(activations, packed_weights{}); }
