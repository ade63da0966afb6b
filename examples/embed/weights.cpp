// SPDX-License-Identifier: MIT
// Trains the digits network and writes its numbers for `embed`: embed_weights MNIST_FOLDER WEIGHTS.f32
#include <strata/data/mnist.hpp>
#include <strata/strata.hpp>

#include <cstdio>
#include <exception>
#include <fstream>

using namespace strata;
using namespace strata::training;

int main(int argc, char** argv) try {
  if (argc != 3) throw Error("usage: ", argv[0], " MNIST_FOLDER WEIGHTS.f32");
  Model<Digits<8, 16, 32>> model;
  const auto data = mnist::load(argv[1]);
  train(model, data, {.epochs = 3, .batch = 128, .optimizer = Adam{.rate = 0.003}, .input = Normalization::unit});
  std::printf("%.2f %% of the test images are classified correctly\n", 100 * evaluate(model, data.test).accuracy);

  std::ofstream file(argv[2], std::ios::binary);
  file.write(reinterpret_cast<const char*>(model.parameters().data()), model.parameters().size_bytes());
  file.write(reinterpret_cast<const char*>(model.buffers().data()), model.buffers().size_bytes());
  if (!file.flush()) throw Error(argv[2], ": cannot be written; name a file in a folder that exists");
} catch (const std::exception& error) {
  std::fprintf(stderr, "embed_weights: %s\n", error.what());
  return 1;
}
