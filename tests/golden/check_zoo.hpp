// SPDX-License-Identifier: MIT
// A network of models against the golden values that make_zoo.py wrote: names, scores, loss, gradients, running
// statistics, one update; of the reference, and node by node on a CPU.
#pragma once

#include <strata/cpu/nhwc/training.hpp>
#include <strata/train/sgd.hpp>

#include <cstdlib>
#include <deque>
#include <sstream>

#include "../support/cpu_nhwc.hpp"
#include "check_golden.hpp"

namespace strata::testing {

/// The lines of a golden text: "gradient features.0.0.weight 864 109 3.14 ...", "loss 9.5", ...
struct ZooGolden {
  std::deque<std::string> names;
  std::vector<golden::Tensor> scores, gradients, buffers, updated;
  double loss = 0, loss_after = 0;
};

inline ZooGolden read_zoo(const char* text) {
  ZooGolden read;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string kind, name;
    if (!(words >> kind)) continue;
    if (kind == "loss" || kind == "loss_after") {
      words >> (kind == "loss" ? read.loss : read.loss_after);
      continue;
    }
    golden::Tensor tensor;
    words >> name >> tensor.size >> tensor.step >> tensor.squares;
    tensor.name = read.names.emplace_back(name).c_str();
    for (std::string value; words >> value;) tensor.values.push_back(std::strtod(value.c_str(), nullptr));
    REQUIRE(long(tensor.values.size()) == (tensor.size + tensor.step - 1) / tensor.step);
    (kind == "scores"     ? read.scores
     : kind == "gradient" ? read.gradients
     : kind == "buffer"   ? read.buffers
                          : read.updated)
        .push_back(tensor);
  }
  REQUIRE(read.scores.size() == 1);
  REQUIRE(read.updated.size() == read.gradients.size());
  return read;
}

/// The statistics of the batch itself, as running ones.
template <class Net>
std::vector<float> batch_statistics(const reference::RandomData& data) {
  core::Workers workers(1);
  std::vector<float> gradients(data.parameters.size()), buffers = data.buffers;
  Nhwc::Training<Net> training(data.count, workers);
  training.step(data.parameters.data(), buffers.data(), data.image_view(), data.label_view(), gradients.data(), {.momentum = 1});
  return buffers;
}

/// `count` images of seed `seed`. The scores are those by the statistics of the batch: by drawn ones, deep networks are
/// certain of one class. gradient_bound: of float.
template <class Net>
void check_zoo(const char* text, int count, int seed, double gradient_bound = 1e-3) {
  const ZooGolden expected = read_zoo(text);
  const GoldenStep step{expected.scores, expected.gradients, expected.buffers, expected.loss};
  const reference::RandomData data = reference::draw_data(graph::lowered<Net>, count, std::uint64_t(seed));
  check_names<Net>(expected.gradients);
  check_step<Reference, Net>(data, step, 1e-6, 1e-5);
  check_step<Nhwc, Net>(data, step, 1e-4, gradient_bound);
  const std::vector<float> statistics = batch_statistics<Net>(data);
  check_scores<Reference, Net>(data, statistics, expected.scores[0], 1e-3);
  check_scores<Nhwc, Net>(data, statistics, expected.scores[0], 1e-3);
  check_steps<Nhwc, Net>(data, Sgd{.rate = 0.0003, .momentum = 0.9}, expected.gradients, expected.updated, expected.loss_after, gradient_bound, 1);
}

}  // namespace strata::testing
