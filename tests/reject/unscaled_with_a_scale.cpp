// SPDX-License-Identifier: MIT
// expect: the header's network scales its images, but the predictor is infer::Unscaled; leave that policy out
#include <strata/embedded.hpp>

using namespace strata;
using Net = Network<Image<8, 8, 1>, Conv<1, 3>, PixelSoftmax>;

struct packed_weights {
  static constexpr std::uint64_t network = graph::structural_hash<Net>;
  static constexpr std::uint64_t format = infer::packed_format<Net, graph::PlanOptions{}>;
  static constexpr float input_scale[] = {1.f / 255}, input_shift[] = {0};
  static const float* packed();
  static const float* input();
};

using P = Predictor<Net, infer::Unscaled>;
void use(P::Activations& activations) { P predictor(activations, packed_weights{}); }
