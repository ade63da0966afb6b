// SPDX-License-Identifier: MIT
// expect: the header's weights are packed already; give them a predictor's Activations, not its Storage
#include <strata/embedded.hpp>

using namespace strata;
using Net = Network<Image<8, 8, 4>, Conv<1, 3>, PixelSoftmax>;

struct packed_weights {
  static constexpr std::uint64_t network = graph::structural_hash<Net>;
  static constexpr std::uint64_t format = infer::packed_format<Net, graph::PlanOptions{}>;
  static const float* packed();
  static const float* input();
};

void use(Predictor<Net>::Storage& storage) { Predictor<Net> predictor(storage, packed_weights{}); }
