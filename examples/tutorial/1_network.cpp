// SPDX-License-Identifier: MIT
// A network is a type: the compiler knows its shapes, parameters, work and memory. A model holds its numbers.
#include <strata/strata.hpp>

#include <cstdio>
#include <vector>

using namespace strata;

/// From 24 x 24 gray pixels to the probabilities of four classes.
using Net = Network<Image<24, 24, 1>,                          // rows, columns, channels
                    Conv<3, 8>, BatchNorm, ReLU, MaxPool<2>,   // 12 x 12 x 8
                    Conv<3, 16>, BatchNorm, ReLU, MaxPool<2>,  // 6 x 6 x 16
                    Dense<4>, Softmax>;                        // 1 x 1 x 4

static_assert(input_shape<Net> == Shape{24, 24, 1});
static_assert(output_shape<Net> == Shape{1, 1, 4});
static_assert(parameters<Net> == 3'604);  // numbers that training changes
static_assert(macs<Net> == 209'664);      // multiplications, each with an addition, for one image

// What a program that uses the network allocates, however often it runs: here in bytes, for a batch of so many images.
static_assert(arena_bytes<Net>(1) < 64 * 1024);
static_assert(arena_bytes<Net, Use::training>(32) < 4 * 1024 * 1024);

// Remove the slashes to see what the compiler says about a network that cannot work:
// using Wrong = Network<Image<24, 24, 1>, Conv<3, 8>, MaxPool<4>, MaxPool<7>, Dense<4>, Softmax>;
// static_assert(parameters<Wrong> > 0);

/// A white disk on black.
std::vector<float> draw_disk() {
  std::vector<float> pixels;  // rows x columns x channels
  for (int y = 0; y < 24; y++)
    for (int x = 0; x < 24; x++) pixels.push_back((x - 12) * (x - 12) + (y - 12) * (y - 12) < 36 ? 1.f : 0.f);
  return pixels;
}

int main() {
  print(summary<Net>());
  std::printf("memory: %ld bytes for one image, %ld to train on 32 at once\n", arena_bytes<Net>(1),
              arena_bytes<Net, Use::training>(32));

  Model<Net> model{{.seed = 1}};  // random weights: the next program trains
  for (const core::NamedTensor& tensor : model.tensors())
    std::printf("%-16s %s\n", tensor.name.c_str(), tensor.shape().c_str());

  const std::vector<float> image = draw_disk();
  const auto probabilities = model.predict({.floats = image.data(), .count = 1});
  std::printf("probabilities");
  for (float p : probabilities) std::printf(" %.3f", double(p));
  std::printf(": class %d\n", metrics::most_probable(probabilities.data(), int(probabilities.size())));
}
