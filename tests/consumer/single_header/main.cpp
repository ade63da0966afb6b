// SPDX-License-Identifier: MIT
// Trains digits from the single header, on drawn images, and classifies with it in another file.
#include "strata.hpp"

#include <cstdio>
#include <vector>

int classify(const strata::Model<strata::Digits<>>& model, const float* image);
int embedded();

int main() {
  std::vector<float> pixels;
  std::vector<std::int32_t> labels;
  for (int i = 0; i < 120; i++) {  // digit d: a bar of two rows, where d says
    for (int p = 0; p < 784; p++) pixels.push_back(float(p / 28 / 2 == i % 10 + 2) + 0.1f * float((i * 7 + p * 3) % 5));
    labels.push_back(i % 10);
  }
  const strata::data::Dataset set(strata::Shape{28, 28, 1}, pixels, labels);
  strata::Model<strata::Digits<>> model{{.seed = 1, .threads = 2}};
  train(model, set, {.epochs = 5, .batch = 20, .optimizer = strata::Adam{.rate = 0.01}});
  const int seven = classify(model, pixels.data() + 7 * 784), two = embedded();
  std::printf("strata %s: accuracy %g, image 7 is a %d\n", STRATA_VERSION, evaluate(model, set).accuracy, seven);
  return seven == 7 && two == 2 ? 0 : 1;
}
