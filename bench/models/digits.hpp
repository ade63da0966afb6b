// SPDX-License-Identifier: MIT
// The digits network: a training epoch of 60,000 at batch 1024, inference of one image on one thread, and of 1024. Each
// back end is compiled in its own file.
#pragma once

#include "workload.hpp"

#include <strata/data/mnist.hpp>
#include <strata/io/weights.hpp>
#include <strata/strata.hpp>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <vector>

namespace strata::bench {

inline constexpr int train_images = 60'000, train_batch = 1024;

/// MNIST's training set where STRATA_DATA has it, else noise of the same size: only the time matters.
inline data::Dataset training_set() {
  const char* data = std::getenv("STRATA_DATA");
  const std::string folder = std::string(data ? data : "") + "/mnist";
  if (data && mnist::complete(folder)) return mnist::load(folder, {.validation = 0}).train;
  const Shape shape{28, 28, 1};
  std::vector<std::uint8_t> bytes(std::size_t(train_images) * shape.size());
  std::vector<std::int32_t> labels(train_images);
  core::Random random{1, 0};
  for (auto& byte : bytes) byte = std::uint8_t(random.below(256));
  for (auto& label : labels) label = std::int32_t(random.below(10));
  return data::Dataset(shape, std::move(bytes), std::move(labels));
}

template <class Backend>
struct DigitsWorkloads {
  using Net = Digits<8, 16, 32>;

  static Workload training(int thread_count) {
    struct State {
      Model<Net, Backend> model;
      data::Dataset set = training_set();
    };
    auto state = std::shared_ptr<State>(new State{Model<Net, Backend>{{.seed = 1, .threads = thread_count}}});
    const auto epochs = [state](const data::Dataset& set) {
      const training::Run run = train(
          state->model, set,
          {.epochs = 1, .batch = train_batch, .optimizer = Adam{.rate = 0.01}, .input = training::Normalization::unit});
      if (run.status != training::Status::complete || run.images != set.count())
        throw Error("the training ended early: ", run.why);
    };
    epochs(state->set.part(0, 5 * train_batch));
    return {1, [state, epochs] { epochs(state->set); }};
  }

  /// `exchange`: the folder with the weights and images of bench/peers, into which the probabilities are written.
  static Workload inference(int count, int thread_count, const std::string& exchange) {
    struct State {
      Model<Net, Backend> model;
      std::vector<float> images = {}, result = {};
    };
    auto state = std::shared_ptr<State>(new State{Model<Net, Backend>{{.seed = 1, .threads = thread_count}}});
    const std::size_t size = std::size_t(count) * 28 * 28;
    if (exchange.empty()) {
      core::Random random{2, 0};
      for (std::size_t i = 0; i < size; i++) state->images.push_back(random.uniform());
    } else {
      load(state->model, exchange + "/digits.safetensors");
      state->images = read_floats(exchange + "/images." + std::to_string(count) + ".f32", size);
    }
    state->result.resize(std::size_t(count) * 10);
    const auto once = [state, count] {
      state->model.predict(Images{.floats = state->images.data(), .count = count}, state->result);
    };
    const int calls = count == 1 ? 2000 : 10;
    for (int i = 0; i < std::max(20, calls / 4); i++) once();
    if (!exchange.empty()) write_floats(exchange + "/strata.infer" + std::to_string(count) + ".f32", state->result);
    return {calls, once};
  }

  static Workload workload(const std::string& name, int thread_count, const std::string& exchange) {
    if (name == "train") return training(thread_count);
    return inference(name == "infer1" ? 1 : 1024, thread_count, exchange);
  }
};

}  // namespace strata::bench
