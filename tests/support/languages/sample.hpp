// SPDX-License-Identifier: MIT
// Models with numbers that no network is indifferent to, images for them, and the classes of their scores.
#pragma once

#include <strata/core/random.hpp>
#include <strata/cpu/cpu.hpp>
#include <strata/train/model.hpp>

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace strata::testing {

/// A model as if it were trained: means, variances and biases are not those of the initialization either.
template <class Net, class Backend = Cpu>
Model<Net, Backend> sample_model(std::uint64_t seed) {
  Model<Net, Backend> model{{.seed = seed, .threads = 1}};
  core::Random random{seed, 1};
  for (core::NamedTensor& tensor : model.tensors()) {
    if (tensor.name.ends_with("weight") && tensor.rank > 1) continue;
    for (long i = 0; i < tensor.size(); i++)
      tensor.data[i] = tensor.name == "input.scale" ? 1 / 255.f : 0.5f + float(random.below(1000)) / 1000;
  }
  return model;
}

inline std::vector<std::uint8_t> sample_bytes(long size, std::uint64_t seed = 7) {
  std::vector<std::uint8_t> bytes(std::size_t(size), 0);
  core::Random random{seed, 0};
  for (std::uint8_t& byte : bytes) byte = std::uint8_t(random.below(256));
  return bytes;
}

inline std::vector<std::int32_t> most_probable(std::span<const float> scores, int channels) {
  std::vector<std::int32_t> classes;
  for (std::size_t at = 0; at < scores.size(); at += std::size_t(channels)) {
    int best = 0;
    for (int c = 1; c < channels; c++)
      if (scores[at + std::size_t(c)] > scores[at + std::size_t(best)]) best = c;
    classes.push_back(best);
  }
  return classes;
}

}  // namespace strata::testing
