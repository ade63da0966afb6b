// SPDX-License-Identifier: MIT
// A user's smallest program: a network of its own, with the threads of the CPU's back end.
#include <strata/strata.hpp>

#include <cstdio>
#include <vector>

using namespace strata;
using Net = Network<Image<4, 4, 1>, Dense<2>, Softmax>;

int main() {
  const Model<Net> model{{.seed = 1, .threads = 2}};
  const std::vector<float> image(16, 0.5f);
  const core::Floats scores = model.predict({.floats = image.data(), .count = 1});
  std::printf("%g and %g\n", double(scores[0]), double(scores[1]));
  const float sum = scores[0] + scores[1];
  return scores.size() == 2 && sum > 0.999f && sum < 1.001f ? 0 : 1;
}
