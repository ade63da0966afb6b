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
  std::vector<std::int32_t> labels;                      ///< about one in eight is -1 (ignored), never the first
  std::vector<std::vector<float>> more_images{};         ///< of the sources after the first
  std::vector<std::vector<std::int32_t>> more_labels{};  ///< of the heads after the first
  int count = 0;

  /// Valid until the next call.
  Images image_view() const {
    other_images_.clear();
    for (const std::vector<float>& more : more_images) other_images_.push_back({.floats = more.data(), .count = count});
    return {.floats = images.data(), .count = count, .more = other_images_.empty() ? nullptr : other_images_.data()};
  }
  /// Valid until the next call.
  Labels label_view() const {
    other_labels_.clear();
    for (const std::vector<std::int32_t>& more : more_labels) other_labels_.push_back({.values = more.data()});
    return {.values = labels.data(), .more = other_labels_.empty() ? nullptr : other_labels_.data()};
  }

 private:
  mutable std::vector<Images> other_images_{};
  mutable std::vector<Labels> other_labels_{};
};

/// What the data for a network depend on.
struct TensorTable {
  const graph::Tensor *parameters = nullptr, *buffers = nullptr;
  int parameter_count = 0, buffer_count = 0;
  int parameter_floats = 0, buffer_floats = 0;
  Shape input, output;  ///< of the first source and head
  Shape more_inputs[graph::max_ports - 1]{}, more_outputs[graph::max_ports - 1]{};
  int sources = 1, heads = 1, inference_heads = 1;

  /// Floats of the results of inference for one image.
  constexpr long result_floats() const {
    long floats = output.size();
    for (int head = 1; head < inference_heads; head++) floats += more_outputs[head - 1].size();
    return floats;
  }
};

template <class Lowered>
constexpr TensorTable tensors_of(const Lowered& net) {
  TensorTable table{.parameters = net.parameters,
                    .buffers = net.buffers,
                    .parameter_count = net.parameter_count,
                    .buffer_count = net.buffer_count,
                    .parameter_floats = net.parameter_floats,
                    .buffer_floats = net.buffer_floats,
                    .input = net.graph.nodes[0].out,
                    .output = net.graph.nodes[net.graph.result].out,
                    .sources = net.source_count,
                    .heads = net.head_count,
                    .inference_heads = net.inference_heads};
  for (int i = 1; i < net.source_count; i++) table.more_inputs[i - 1] = net.graph.nodes[net.sources[i].value].out;
  for (int i = 1; i < net.head_count; i++) table.more_outputs[i - 1] = net.graph.nodes[net.heads[i].value].out;
  return table;
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
  const auto draw_images = [&](std::vector<float>& images, Shape in) {
    images.resize(std::size_t(count * in.size()));
    for (float& x : images) x = between(-1, 1);
  };
  const auto draw_labels = [&](std::vector<std::int32_t>& labels, Shape out) {
    labels.resize(std::size_t(long(count) * out.pixels()));
    for (std::int32_t& label : labels)
      label = &label != labels.data() && random.below(8) == 0 ? -1
                                                              : std::int32_t(random.below(std::uint64_t(out.channels)));
  };
  draw_images(data.images, net.input);
  draw_labels(data.labels, net.output);
  data.more_images.resize(std::size_t(net.sources - 1));
  data.more_labels.resize(std::size_t(net.heads - 1));
  for (int i = 1; i < net.sources; i++) draw_images(data.more_images[std::size_t(i - 1)], net.more_inputs[i - 1]);
  for (int i = 1; i < net.heads; i++) draw_labels(data.more_labels[std::size_t(i - 1)], net.more_outputs[i - 1]);
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
