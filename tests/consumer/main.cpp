// SPDX-License-Identifier: MIT
// A user's program: its own network, trained on images that it draws itself, used, and exported.
#include <strata/infer/export_header.hpp>
#include <strata/strata.hpp>

#include <cstdio>
#include <vector>

using namespace strata;
using namespace strata::metrics;

/// Is the brighter half of 4 x 4 pixels on the left or on the right?
using Net = Network<Image<4, 4, 1>, Conv<3, 4>, BatchNorm, ReLU, Dense<2>, Softmax>;

struct Halves {
  std::vector<float> pixels;
  std::vector<std::int32_t> labels;
  Halves() {
    for (int i = 0; i < 64; i++)
      for (int p = 0; p < 16; p++)
        pixels.push_back(float((p % 4 < 2) == (i % 2 == 0)) + 0.1f * float((i * 7 + p * 3) % 5));
    for (int i = 0; i < 64; i++) labels.push_back(i % 2);
  }
  int count() const { return 64; }
  Batch batch(const std::int32_t* index, int n) const {
    return {{.floats = pixels.data(), .index = index, .count = n}, {labels.data(), index}};
  }
};

int main() {
  Halves data;
  Model<Net> model{{.seed = 1, .threads = 2}};
  train(model, data, {.epochs = 10, .batch = 16, .optimizer = Adam{.rate = 0.02}});
  const Evaluation result = evaluate(model, data);
  print(result);
  export_header(model, "halves.hpp", {.target = "cortex-m7", .classes = {"left", "right"}});
  return result.accuracy == 1 ? 0 : 1;
}
