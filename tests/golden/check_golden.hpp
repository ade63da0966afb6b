// SPDX-License-Identifier: MIT
// A network on a back end against golden values: names, scores, loss, gradients, running statistics, optimizer steps.
#pragma once

#include <strata/reference/random_data.hpp>
#include <strata/reference/reference.hpp>
#include <strata/train/optimizer.hpp>
#include <strata/train/updater.hpp>

#include <doctest/doctest.h>

#include <string>

#include "golden.hpp"

namespace strata::testing {

/// Checks |given - golden| <= bound * scale at the stored elements, and that the sums of squares are as close. scale:
/// the largest golden value of the tensor, at least `floor`.
template <class Number>
void check_tensor(const golden::Tensor& expected, const Number* given, double bound, double floor) {
  double scale = floor, worst = 0, squares = 0;
  for (std::size_t k = 0; k < expected.values.size(); k++) {
    scale = std::fmax(scale, std::fabs(expected.values[k]));
    worst = std::fmax(worst, std::fabs(double(given[long(k) * expected.step]) - expected.values[k]));
  }
  for (long i = 0; i < expected.size; i++) squares += double(given[i]) * double(given[i]);
  INFO(std::string(expected.name), ", scale ", scale);
  CHECK(worst <= bound * scale);
  CHECK(std::fabs(squares - expected.squares) <= 4 * bound * (expected.squares + double(expected.size) * floor * floor));
}

/// Checks that names and sizes are those of PyTorch's state_dict, in its order.
template <class Net>
void check_names(const std::vector<golden::Tensor>& expected) {
  constexpr auto& net = graph::lowered<Net>;
  REQUIRE(net.parameter_count == int(expected.size()));
  for (int t = 0; t < net.parameter_count; t++) {
    CHECK(std::string(tensor_name<Net>(net.parameters[t]).text) == expected[std::size_t(t)].name);
    CHECK(net.parameters[t].size == expected[std::size_t(t)].size);
  }
}

template <class Number>
void check_tensors(const graph::Tensor* table, const std::vector<golden::Tensor>& expected, const Number* given, double bound,
                   double share_of_all) {
  double largest = 0;
  for (const golden::Tensor& tensor : expected)
    for (double value : tensor.values) largest = std::fmax(largest, std::fabs(value));
  for (std::size_t t = 0; t < expected.size(); t++) check_tensor(expected[t], given + table[t].offset, bound, share_of_all * largest);
}

struct GoldenStep {
  const std::vector<golden::Tensor>&scores, &gradients, &buffers;
  double loss;
};

/// Checks the scores by the given running statistics.
template <class Backend, class Net>
void check_scores(const reference::RandomData& data, const std::vector<float>& buffers, const golden::Tensor& expected, double bound, int threads = 2) {
  core::Workers workers(threads);
  std::vector<float> scores(std::size_t(data.count * output_shape<Net>.size()));
  typename Backend::template Inference<Net> inference(data.count, workers);
  inference.load(data.parameters.data(), buffers.data());
  inference.run(data.image_view(), scores.data());
  check_tensor(expected, scores.data(), bound, 0);
}

/// Checks loss, gradients and running statistics of a step.
template <class Backend, class Net>
void check_step(const reference::RandomData& data, const GoldenStep& expected, double forward_bound, double gradient_bound, int threads = 2) {
  constexpr auto& net = graph::lowered<Net>;
  core::Workers workers(threads);
  std::vector<float> gradients(data.parameters.size()), buffers = data.buffers;
  typename Backend::template Training<Net> training(data.count, workers);
  const core::StepResult sums = training.step(data.parameters.data(), buffers.data(), data.image_view(), data.label_view(), gradients.data(), {});
  CHECK(std::fabs(sums.loss - expected.loss) <= forward_bound * expected.loss);
  check_tensors(net.parameters, expected.gradients, gradients.data(), gradient_bound, 1e-2);
  check_tensors(net.buffers + 2, expected.buffers, buffers.data(), forward_bound, 1e-2);
}

template <class Backend, class Net>
void check_golden(const reference::RandomData& data, const GoldenStep& expected, double forward_bound, double gradient_bound, int threads = 2) {
  check_scores<Backend, Net>(data, data.buffers, expected.scores[0], forward_bound, threads);
  check_step<Backend, Net>(data, expected, forward_bound, gradient_bound, threads);
}

/// Checks a tensor after steps: |given - golden| against the largest move of its elements, plus the rounding of the
/// numbers.
inline void check_moves(const golden::Tensor& expected, const float* before, const float* given, double bound) {
  double move = 0, worst = 0, largest = 0;
  for (std::size_t k = 0; k < expected.values.size(); k++) {
    const long at = long(k) * expected.step;
    move = std::fmax(move, std::fabs(expected.values[k] - double(before[at])));
    worst = std::fmax(worst, std::fabs(double(given[at]) - expected.values[k]));
    largest = std::fmax(largest, std::fabs(expected.values[k]));
  }
  INFO(std::string(expected.name), ", move ", move);
  CHECK(worst <= bound * move + 3 * 0x1p-24 * largest);
}

/// Checks updates from the same numbers. Where a gradient is only rounding (a bias before a batch norm), Adam still
/// takes steps: such tensors are left out, and change nothing that the network computes.
template <class Backend, class Net>
void check_steps(reference::RandomData data, const training::Optimizer& optimizer, const std::vector<golden::Tensor>& gradients,
                 const std::vector<golden::Tensor>& expected, double expected_loss, double bound,
                 int updates = 3) {
  constexpr auto& net = graph::lowered<Net>;
  core::Workers workers(1);
  typename Backend::template Training<Net> training(data.count, workers);
  training::Updater updater(net.parameters, net.parameter_count, net.parameter_floats, optimizer, {});
  std::vector<float> block(data.parameters.size());
  const std::vector<float> before = data.parameters;
  core::StepResult sums;
  for (int i = 0; i <= updates; i++) {
    sums = training.step(data.parameters.data(), data.buffers.data(), data.image_view(), data.label_view(), block.data(), {});
    if (i < updates) updater.update(workers, data.parameters.data(), block.data(), optimizer.rate.rate());
  }
  CHECK(std::fabs(sums.loss - expected_loss) <= bound * expected_loss);
  for (std::size_t t = 0; t < expected.size(); t++) {
    if (gradients[t].squares <= 1e-20) continue;
    const int offset = net.parameters[t].offset;
    check_tensor(expected[t], data.parameters.data() + offset, bound, 1e-3);
    check_moves(expected[t], before.data() + offset, data.parameters.data() + offset, 5 * bound);
  }
}

}  // namespace strata::testing
