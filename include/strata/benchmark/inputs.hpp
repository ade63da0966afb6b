// SPDX-License-Identifier: MIT
// The inputs of an inference or a training step.
#pragma once

#include <strata/benchmark/subject.hpp>
#include <strata/core/aligned.hpp>
#include <strata/core/random.hpp>

#include <cmath>
#include <cstdint>
#include <vector>

namespace strata::benchmarks {

namespace detail {

inline void fill(const graph::Tensor* tensors, int count, core::Floats& values) {
  core::Random random{1, 0};
  for (int t = 0; t < count; t++) {
    const graph::Tensor& tensor = tensors[t];
    const float reach = std::sqrt(6.f / float(tensor.fan_in));
    float* const to = values.data() + tensor.offset;
    switch (tensor.role) {
      case graph::Role::weight:
        for (int i = 0; i < tensor.size; i++) to[i] = reach * (2 * random.uniform() - 1);
        break;
      case graph::Role::scale:
      case graph::Role::running_var: std::fill_n(to, tensor.size, 1.f); break;
      case graph::Role::input_scale: std::fill_n(to, tensor.size, 1 / 64.f); break;
      case graph::Role::slope: std::fill_n(to, tensor.size, 0.25f); break;
      default: std::fill_n(to, tensor.size, 0.f);
    }
  }
}

}  // namespace detail

/// He-initialized weights, neutral batch norms, noise. Training reads bytes, inference floats. Where there is a label
/// per pixel, classes have weights.
struct Inputs {
  core::Floats parameters, buffers, floats;
  std::vector<std::uint8_t> bytes;
  std::vector<std::int32_t> labels;
  std::vector<float> class_weights;  ///< empty: all 1

  Inputs(const Subject& subject, int images)
      : parameters(std::size_t(subject.parameter_floats)), buffers(std::size_t(subject.buffer_floats)) {
    detail::fill(subject.parameters, subject.parameter_count, parameters);
    detail::fill(subject.buffers, subject.buffer_count, buffers);
    const reference::Declaration& net = *subject.declared;
    const std::size_t size = std::size_t(images) * std::size_t(net.nodes[0].out.size());
    core::Random random{2, 0};
    if (!subject.training) {
      floats.resize(size);
      for (float& x : floats) x = 64 * (2 * random.uniform() - 1);
      return;
    }
    bytes.resize(size);
    for (std::uint8_t& byte : bytes) byte = std::uint8_t(random.below(256));
    const Shape scores = net.nodes[net.result].out;
    labels.resize(std::size_t(images) * std::size_t(scores.pixels()));
    for (std::int32_t& label : labels) label = std::int32_t(random.below(std::uint64_t(scores.channels)));
    if (scores.pixels() > 1)
      for (int c = 0; c < scores.channels; c++) class_weights.push_back(0.2f + 0.48f * float(c));
  }

  Images images(int count) const {
    return {.floats = bytes.empty() ? floats.data() : nullptr,
            .bytes = bytes.empty() ? nullptr : bytes.data(),
            .count = count};
  }
  const float* weights_of_classes() const { return class_weights.empty() ? nullptr : class_weights.data(); }
};

}  // namespace strata::benchmarks
