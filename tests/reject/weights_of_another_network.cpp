// SPDX-License-Identifier: MIT
// expect: the header holds the weights of another network than this predictor's; export those of this network
#include <strata/embedded.hpp>

using namespace strata;
using Net = Network<Image<8, 8, 4>, Conv<1, 3>, PixelSoftmax>;

struct other_weights {
  static constexpr std::uint64_t network = 7;
  static const float* parameters();
  static const float* buffers();
};

void use(Predictor<Net>::Storage& storage) { Predictor<Net> predictor(storage, other_weights{}); }
