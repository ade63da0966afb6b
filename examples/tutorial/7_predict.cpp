// SPDX-License-Identifier: MIT
// A program that contains a network: no weights file, no heap, no threads, no exceptions.
#include <strata/embedded.hpp>

#include <cstdint>
#include <cstdio>

#include "7_network.hpp"
#include "bars.hpp"

/// A bar, 200 on 20: 0 horizontal, 1 vertical, 2 diagonal.
static void draw(int label, int place, std::uint8_t (&image)[256]) {
  for (std::uint8_t& pixel : image) pixel = 20;
  for (int i = 0; i < 16; i++) {
    const int row = label == 0 ? place : i, column = label == 0 ? i : label == 1 ? place : (i + place) % 16;
    image[16 * row + column] = 200;
  }
}

using Predictor = strata::Predictor<Bars>;
static Predictor::Storage storage;  // the memory that it needs, known to the compiler

int main() {
  Predictor predictor(storage, bars_weights{});
  for (int label = 0; label < 3; label++) {
    std::uint8_t image[256];
    draw(label, 5 + label, image);
    float scores[3];
    predictor.run(image, scores);
    const char* name = bars_weights::classes[predictor.classify(image)];
    std::printf("drawing %d: %.4f %.4f %.4f %s\n", label, double(scores[0]), double(scores[1]), double(scores[2]),
                name);
  }
}
