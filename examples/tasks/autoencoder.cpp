// SPDX-License-Identifier: MIT
// An autoencoder: a network whose output should be its input, through 32 numbers in the middle.
#include <strata/models/conv_autoencoder.hpp>
#include <strata/strata.hpp>

#include <cstdio>
#include <cstdlib>
#include <vector>

using namespace strata;

using Net = models::ConvAutoencoder<Image<16, 16, 1>>;  // a code of 4 x 4 x 2

/// Disks and squares of any size at any place; the targets are the images, divided by 255.
Dataset draw(int count, std::uint64_t seed) {
  std::vector<std::uint8_t> pixels;
  core::Random random{seed};
  for (int i = 0; i < count; i++) {
    const bool is_disk = random.below(2) == 0;
    const int r = 3 + int(random.below(4)), cx = 4 + int(random.below(8)), cy = 4 + int(random.below(8));
    for (int y = 0; y < 16; y++)
      for (int x = 0; x < 16; x++) {
        const int dx = std::abs(x - cx), dy = std::abs(y - cy);
        pixels.push_back((is_disk ? dx * dx + dy * dy < r * r : dx < r && dy < r) ? 255 : 0);
      }
  }
  const std::vector<std::int32_t> no_labels(std::size_t(count), 0);
  return Dataset(Net::input, std::move(pixels), no_labels).with_images_as_targets();
}

void print_drawing(const float* pixels) {
  for (int y = 0; y < 16; y++, std::putchar('\n'))
    for (int x = 0; x < 16; x++) std::putchar(" .:#"[int(3.99f * pixels[16 * y + x])]);
}

int main() {
  struct {
    Dataset train, validation;
  } data{draw(2000, 1), draw(300, 2)};
  Model<Net> model{{.seed = 1}};
  train(model, data,
        {.epochs = 8, .batch = 32, .optimizer = Adam{.rate = training::cosine(0.01)}, .loss = MeanSquaredError{}});
  std::printf("reconstructed: ");
  print(evaluate(model, data.validation, {.loss = MeanSquaredError{}}));

  const auto reconstruction = model.predict({.bytes = data.validation.bytes(0), .count = 1});
  print_drawing(data.validation.targets(0));
  std::puts("becomes");
  print_drawing(reconstruction.data());
}
