// SPDX-License-Identifier: MIT
// Several labels for an image: a drawing holds a disk, a square and a cross, or some of them, or none.
#include <strata/strata.hpp>

#include <cstdio>
#include <cstdlib>
#include <vector>

using namespace strata;

template <int Channels>
using Block = Sequential<Conv<3, Channels>, BatchNorm, ReLU, MaxPool<2>>;
using Net = Network<Image<24, 24, 1>, Block<8>, Block<16>, Block<32>, Dense<3>, Sigmoid>;  // a probability of each

/// The targets are three numbers: 1 where the drawing holds the shape, else 0.
Dataset draw(int count, std::uint64_t seed) {
  std::vector<std::uint8_t> pixels;
  std::vector<float> targets;
  core::Random random{seed};
  for (int i = 0; i < count; i++) {
    std::vector<std::uint8_t> drawing(24 * 24);
    for (std::uint8_t& pixel : drawing) pixel = std::uint8_t(random.below(120));
    for (int shape = 0; shape < 3; shape++) {
      const bool holds = random.below(3) == 0;
      const int r = 3 + int(random.below(3)), cx = 6 + int(random.below(12)), cy = 6 + int(random.below(12));
      targets.push_back(holds ? 1.f : 0.f);
      for (int y = 0; holds && y < 24; y++)
        for (int x = 0; x < 24; x++) {
          const int dx = std::abs(x - cx), dy = std::abs(y - cy);
          if (shape == 0 ? dx * dx + dy * dy < r * r : dx < r && dy < r && (shape == 1 || dx < 1 || dy < 1))
            drawing[std::size_t(24 * y + x)] = std::uint8_t(135 + random.below(120));
        }
    }
    pixels.insert(pixels.end(), drawing.begin(), drawing.end());
  }
  return Dataset(Net::input, std::move(pixels), std::move(targets), 3);
}

int main() {
  const Dataset drawings = draw(4000, 1), test = draw(500, 2);
  Model<Net> model{{.seed = 1}};
  const BinaryCrossEntropy loss{.positive_weights = {2, 2, 2}};  // a third of the targets are 1
  train(model, drawings, {.epochs = 15, .batch = 32, .optimizer = Adam{.rate = training::cosine(0.01)}, .loss = loss});
  std::printf("test ");
  print(evaluate(model, test, {.loss = loss}));

  const auto probabilities = model.predict(test.images());
  for (int c = 0; c < 3; c++) {
    int found = 0, all = 0;
    for (int i = 0; i < test.count(); i++)
      if (test.targets(i)[c] == 1) all++, found += probabilities[std::size_t(3 * i + c)] > 0.5f;
    std::printf("found %d of %d with a %s\n", found, all, c == 0 ? "disk" : c == 1 ? "square" : "cross");
  }
}
