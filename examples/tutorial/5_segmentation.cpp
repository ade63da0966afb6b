// SPDX-License-Identifier: MIT
// Segmentation: an encoder and a decoder, with a class for each pixel of scenes that the program draws.
#include <strata/data/dataset.hpp>
#include <strata/strata.hpp>

#include <cstdio>
#include <cstdlib>
#include <utility>
#include <vector>

using namespace strata;

constexpr int side = 32, classes = 3;

template <int Channels>
using Block = Sequential<Conv<3, Channels, NoBias>, BatchNorm, ReLU>;
/// Enlarges twofold, and appends the channels of the encoder's value of that size.
template <core::FixedString Size>
using Join = Concat<Upsample<2>, From<Size>>;

using Net = Network<Image<side, side, 1>,                   // rows, columns, channels
                    Block<8>, Tap<"whole">, MaxPool<2>,     // 16 x 16
                    Block<16>, Tap<"half">, MaxPool<2>,     // 8 x 8
                    Block<32>, Tap<"quarter">, MaxPool<2>,  // 4 x 4
                    Block<32>, Join<"quarter">, Block<16>,  // 8 x 8
                    Join<"half">, Block<12>,                // 16 x 16
                    Join<"whole">, Block<8>,                // 32 x 32
                    Conv<1, classes>, PixelSoftmax>;        // 32 x 32 x 3

static_assert(output_shape<Net> == Shape{side, side, classes});

/// Scenes of a gray and a white shape, which may cover it, under noise; a label for each pixel.
data::Dataset draw(int count, std::uint64_t seed) {
  core::Random random{seed};
  std::vector<std::uint8_t> pixels;
  std::vector<std::int32_t> labels(std::size_t(count) * side * side, 0);
  for (int i = 0; i < count; i++) {
    std::int32_t* scene = labels.data() + std::size_t(i) * side * side;
    int light[side * side] = {};
    for (int k = 0; k < 2; k++) {
      const int kind = 1 + int(random.below(2)), r = 6 + int(random.below(4));
      const int cx = r + int(random.below(side - 2 * r)), cy = r + int(random.below(side - 2 * r));
      for (int y = 0; y < side; y++)
        for (int x = 0; x < side; x++) {
          const int dx = std::abs(x - cx), dy = std::abs(y - cy);
          if (kind == 1 ? dx * dx + dy * dy < r * r : dx < r && dy < r)
            scene[y * side + x] = kind, light[y * side + x] = 70 + 70 * k;
        }
    }
    for (const int gray : light) pixels.push_back(std::uint8_t(std::uint64_t(gray) + random.below(80)));
  }
  return data::Dataset({side, side, 1}, std::move(pixels), std::move(labels), side * side);
}

int main() {
  Model<Net> model{{.seed = 1}};
  model.classes({"background", "disk", "square"});
  const data::Dataset test = draw(100, 2);
  train(model, draw(256, 1), {.epochs = 8, .batch = 16, .optimizer = Adam{.rate = training::cosine(0.01)}});

  const auto result = evaluate(model, test);
  std::printf("test ");
  print(result);
  for (int c = 0; c < classes; c++)
    std::printf("IoU %.3f %s\n", result.confusion.iou(c), model.classes()[std::size_t(c)].c_str());
  std::printf("mean IoU %.3f\n", result.confusion.mean_iou());

  const Batch first = test.part(3, 1).batch(nullptr, 1);
  const auto probabilities = model.predict(first.images);  // rows x columns x classes
  std::printf("%-*s predicted\n", side, "truth");
  for (int y = 0; y < side; y++) {
    for (int x = 0; x < side; x++) std::putchar(".o#"[first.labels.values[y * side + x]]);
    std::putchar(' ');
    for (int x = 0; x < side; x++)
      std::putchar(".o#"[metrics::most_probable(probabilities.data() + (y * side + x) * classes, classes)]);
    std::putchar('\n');
  }
}
