// SPDX-License-Identifier: MIT
// Is the brighter half of 4 x 4 pixels on the left or on the right?
#include "task.hpp"

namespace consumer {

static data::Dataset halves(int count, std::uint64_t seed) {
  core::Random random{seed, 0};
  std::vector<float> pixels;
  std::vector<std::int32_t> labels;
  for (int i = 0; i < count; i++) {
    labels.push_back(i % 2);
    for (int p = 0; p < 16; p++) pixels.push_back(float((p % 4 < 2) == (i % 2 == 0)) + 0.3f * random.uniform());
  }
  return data::Dataset({4, 4, 1}, pixels, labels);
}

Splits Task::data() { return {"halves", 2, halves(128, 1), halves(64, 2), halves(64, 3)}; }
TrainOptions Task::options() { return {.batch = 16, .optimizer = Adam{.rate = 0.02}}; }

}  // namespace consumer
