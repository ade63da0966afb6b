// SPDX-License-Identifier: MIT
// A network of models on given weights and images, for zoo_compare.py, which compiles this file for each network:
// zoo_step FOLDER UPDATES RATE THREADS reads weights.safetensors, images and labels in FOLDER, and writes scores,
// gradients and the parameters after the first update there, as floats. It prints the mean loss before each update.
#include <strata/cpu/cpu.hpp>
#include <strata/io/weights.hpp>
#include <strata/train/model.hpp>
#include <strata/train/sgd.hpp>
#include <strata/train/updater.hpp>

#include STRATA_ZOO_HEADER

#include <cstdio>
#include <fstream>

using namespace strata;
using namespace strata::models;
using Net = STRATA_ZOO_NETWORK;

namespace {

template <class Value>
std::vector<Value> read(const std::string& path) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  if (!file) throw Error(path, " cannot be read; zoo_compare.py writes it");
  std::vector<Value> values(std::size_t(file.tellg()) / sizeof(Value));
  file.seekg(0).read(reinterpret_cast<char*>(values.data()), std::streamsize(values.size() * sizeof(Value)));
  return values;
}

void write(const std::string& path, const float* values, std::size_t count) {
  std::ofstream file(path, std::ios::binary);
  file.write(reinterpret_cast<const char*>(values), std::streamsize(count * sizeof(float)));
  if (!file) throw Error(path, " cannot be written; is the disk full?");
}

void run(const std::string& folder, int updates, double rate, int threads) {
  using Network = Model<Net>;
  constexpr auto& net = graph::lowered<Net>;
  Network model{{.threads = threads}};
  load(model, folder + "/weights.safetensors");
  const std::vector<float> pixels = read<float>(folder + "/images");
  const std::vector<std::int32_t> targets = read<std::int32_t>(folder + "/labels");
  const Images images{.floats = pixels.data(), .count = int(long(pixels.size()) / Network::input.size())};
  const Labels labels{.values = targets.data()};
  core::Workers workers(threads);

  std::vector<float> scores(std::size_t(images.count * Network::result_floats));
  {
    Network::Inference inference(images.count, workers);
    inference.load(model.parameters().data(), model.buffers().data());
    inference.run(images, scores.data());
  }
  write(folder + "/scores", scores.data(), scores.size());

  Network::Training training(images.count, workers);
  const training::Optimizer optimizer = Sgd{.rate = rate, .momentum = 0.9};
  training::Updater updater(net.parameters, net.parameter_count, net.parameter_floats, optimizer, {});
  std::vector<float> parameters(model.parameters().begin(), model.parameters().end());
  std::vector<float> buffers(model.buffers().begin(), model.buffers().end()), gradients(parameters.size());
  for (int i = 0; i < updates; i++) {
    const core::StepResult sums =
        training.step(parameters.data(), buffers.data(), images, labels, gradients.data(), {});
    std::printf("loss %.9g\n", sums.loss / double(sums.counted));
    std::fflush(stdout);
    if (i == 0) write(folder + "/gradients", gradients.data(), gradients.size());
    updater.update(workers, parameters.data(), gradients.data(), rate);
    if (i == 0) write(folder + "/updated", parameters.data(), parameters.size());
  }
}

}  // namespace

int main(int count, char** words) {
  try {
    if (count != 5) throw Error("zoo_step: ", count - 1, " arguments were given; give FOLDER UPDATES RATE THREADS");
    run(words[1], std::atoi(words[2]), std::atof(words[3]), std::atoi(words[4]));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
