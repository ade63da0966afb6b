// SPDX-License-Identifier: MIT
// What every compiler, standard and optimization must get right (tests/matrix.py): a training on several threads, the
// same inference by a model and by a predictor, and the recognition of numbers that are not finite. Prints what is
// wrong.
#include <strata/data/dataset.hpp>
#include <strata/embedded.hpp>
#include <strata/strata.hpp>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdio>
#include <vector>

using namespace strata;

using Net = Network<Image<8, 8, 1>, Conv<3, 8>, BatchNorm, ReLU, MaxPool<2>, Residual<Sequential<Conv<3, 8>, Tanh>>,
                    Dense<4>, Softmax>;
static_assert(parameters<Net> == 1'196);

namespace {

int mistakes = 0;
void expect(bool right, const char* what) {
  if (!right) std::printf("wrong: %s\n", what), mistakes++;
}

/// Which quarter of 8 x 8 pixels is bright? The very first pixel is brighter by `first`.
data::Dataset quarters(int count, float first = 0) {
  std::vector<float> pixels;
  std::vector<std::int32_t> labels;
  for (int i = 0; i < count; i++) {
    for (int y = 0; y < 8; y++)
      for (int x = 0; x < 8; x++)
        pixels.push_back(float(y / 4 * 2 + x / 4 == i % 4) + 0.05f * float((i * 7 + y * 3 + x * 5) % 9));
    labels.push_back(i % 4);
  }
  pixels[0] += first;
  return data::Dataset(Shape{8, 8, 1}, pixels, labels);
}

Predictor<Net>::Storage memory;

}  // namespace

int main() {
  const data::Dataset set = quarters(256);
  Model<Net> model{{.seed = 1, .threads = 2}};
  train(model, set, {.epochs = 5, .batch = 32, .optimizer = Adam{.rate = 0.01}});
  expect(evaluate(model, set).accuracy > 0.99, "a training on two threads");

  std::vector<float> image(64, 0.25f), scores(4);
  std::fill_n(image.begin(), 4, 1.f);
  model.predict({.floats = image.data(), .count = 1}, scores);
  using Small = Predictor<Net>;
  const Model<Net>& trained = model;
  Small predictor(memory,
                  std::span<const float, Small::parameter_floats>(trained.parameters().data(), Small::parameter_floats),
                  std::span<const float, Small::buffer_floats>(trained.buffers().data(), Small::buffer_floats));
  std::vector<float> same(4);
  predictor.run(Small::Floats(image.data(), 64), Small::Result(same.data(), 4));
  float difference = 0, sum = 0;
  for (std::size_t i = 0; i < 4; i++) difference = std::max(difference, std::abs(scores[i] - same[i])), sum += same[i];
  expect(difference < 1e-4f && std::abs(sum - 1) < 1e-4f, "a model and a predictor give the same probabilities");

  expect(core::first_not_finite(image.data(), 64) == -1, "finite numbers");
  image[37] = std::bit_cast<float>(0x7FC00000u);
  expect(core::first_not_finite(image.data(), 64) == 37, "the place of a NaN");
  bool noticed = false;
  try {
    Model<Net> another{{.seed = 1, .threads = 2}};
    const data::Dataset damaged = quarters(256, std::bit_cast<float>(0x7FC00000u));
    noticed = train(another, damaged, {.epochs = 1, .batch = 32}).status == training::Status::failed;
  } catch (const Error&) {
    noticed = true;
  }
  expect(noticed, "a training that meets a NaN says so");
  if (mistakes == 0) std::printf("right\n");
  return mistakes;
}
