// SPDX-License-Identifier: MIT
// Parameters, buffers, images and labels for a network, drawn from a seed. All of them are random, even those that
// training would start at 0 or 1, because such values can hide errors.
#pragma once

#include <strata/reference/kinks.hpp>
#include <strata/reference/reference.hpp>

#include <vector>

namespace strata::reference {

/// Random inputs of a network: images are [count][H][W][C], labels one per output pixel.
struct RandomData {
  std::vector<float> parameters, buffers, images;
  std::vector<std::int32_t> labels;  ///< about one in eight is -1 (ignored), never the first
  int count = 0;

  Images image_view() const { return {.floats = images.data(), .count = count}; }
  Labels label_view() const { return {.values = labels.data()}; }
};

/// What the data for a network depend on.
struct TensorTable {
  const graph::Tensor *parameters = nullptr, *buffers = nullptr;
  int parameter_count = 0, buffer_count = 0;
  int parameter_floats = 0, buffer_floats = 0;
  Shape input, output;
};

template <class Lowered>
constexpr TensorTable tensors_of(const Lowered& net) {
  return {.parameters = net.parameters,
          .buffers = net.buffers,
          .parameter_count = net.parameter_count,
          .buffer_count = net.buffer_count,
          .parameter_floats = net.parameter_floats,
          .buffer_floats = net.buffer_floats,
          .input = net.graph.nodes[0].out,
          .output = net.graph.nodes[net.graph.result].out};
}

/// Draws the data for `count` images; equal seeds give equal data.
inline RandomData draw_data(const TensorTable& net, int count, std::uint64_t seed) {
  core::Random random{seed, 0};
  const auto between = [&](double low, double high) { return float(low + (high - low) * double(random.uniform())); };
  RandomData data;
  data.count = count;
  data.parameters.resize(std::size_t(net.parameter_floats));
  data.buffers.resize(std::size_t(net.buffer_floats));
  const auto fill = [&](std::vector<float>& block, const graph::Tensor& tensor, double low, double high) {
    for (int i = 0; i < tensor.size; i++) block[std::size_t(tensor.offset + i)] = between(low, high);
  };
  for (int t = 0; t < net.parameter_count; t++) {
    const graph::Tensor& tensor = net.parameters[t];
    const double spread = std::sqrt(6.0 / tensor.fan_in);
    if (tensor.role == graph::Role::weight) fill(data.parameters, tensor, -spread, spread);
    else if (tensor.role == graph::Role::scale) fill(data.parameters, tensor, 0.5, 1.5);
    else fill(data.parameters, tensor, -0.5, 0.5);
  }
  for (int t = 0; t < net.buffer_count; t++) {
    const graph::Tensor& tensor = net.buffers[t];
    const bool positive = tensor.role == graph::Role::running_var || tensor.role == graph::Role::input_scale;
    fill(data.buffers, tensor, positive ? 0.5 : -0.5, positive ? 1.5 : 0.5);
  }
  const Shape out = net.output;
  data.images.resize(std::size_t(count * net.input.size()));
  for (float& x : data.images) x = between(-1, 1);
  data.labels.resize(std::size_t(long(count) * out.pixels()));
  for (std::int32_t& label : data.labels)
    label = &label != data.labels.data() && random.below(8) == 0
                ? -1
                : std::int32_t(random.below(std::uint64_t(out.channels)));
  return data;
}

template <class Lowered>
RandomData draw_data(const Lowered& net, int count, std::uint64_t seed) {
  return draw_data(tensors_of(net), count, seed);
}

/// The data with the fewest elements near a kink, among seeds 1 to `tries`, so that float and double take the same
/// branches. kept: as in StepOptions.
inline RandomData smooth_data(const Declaration& net, const TensorTable& tensors, int count, double distance = 1e-5,
                              int tries = 12, const unsigned char* kept = nullptr) {
  RandomData best;
  long fewest = -1;
  for (int seed = 1; seed <= tries && fewest != 0; seed++) {
    RandomData data = draw_data(tensors, count, std::uint64_t(seed));
    Tape tape(net, count);
    const Doubles parameters(data.parameters.begin(), data.parameters.end());
    Doubles buffers(data.buffers.begin(), data.buffers.end());
    read(tape, data.image_view(), buffers.data());
    tape.forward(parameters.data(), buffers.data(), {.mode = graph::Mode::training, .seed = 5, .kept = kept});
    const long near = kinks(tape, distance);
    if (fewest >= 0 && near >= fewest) continue;
    fewest = near;
    best = std::move(data);
  }
  return best;
}

template <class Net>
RandomData smooth_data(int count, double distance = 1e-5, int tries = 12) {
  return smooth_data(declaration<Net>, tensors_of(graph::lowered<Net>), count, distance, tries);
}

}  // namespace strata::reference
