// SPDX-License-Identifier: MIT
// What is asked of every back end, on any network: inference and a training step against the reference for several batch
// sizes and thread counts, the same bits for every thread count, and the finer points of the face (bytes, indices,
// accumulation, forward only, ignored labels).
#pragma once

#include <strata/reference/random_data.hpp>
#include <strata/reference/reference.hpp>

#include <doctest/doctest.h>

#include <cstring>
#include <initializer_list>
#include <string>

#include "layer_cases.hpp"
#include "tolerance.hpp"

namespace strata::testing {

/// One training step's results.
struct Stepped {
  std::vector<float> gradients, buffers;
  StepResult sums;
  bool operator==(const Stepped& other) const {
    const auto same = [](const std::vector<float>& a, const std::vector<float>& b) {
      return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
    };
    return same(gradients, other.gradients) && same(buffers, other.buffers) && sums.loss == other.sums.loss && sums.weight == other.sums.weight &&
           sums.correct == other.sums.correct && sums.counted == other.sums.counted;
  }
};

template <class Training>
Stepped step_of(Training& training, const reference::RandomData& data, Images images, StepOptions options, float gradients_before = 0) {
  Stepped s{std::vector<float>(data.parameters.size(), gradients_before), data.buffers, {}};
  s.sums = training.step(data.parameters.data(), s.buffers.data(), images, data.label_view(), s.gradients.data(), options);
  return s;
}

/// Each tensor relative to the largest gradient of its layer, or a hundredth of all: what stands in front of a batch norm
/// may be zero but for rounding.
inline void check_gradients(const char* what, const graph::Tensor* tensors, int count, const Stepped& given, const Stepped& expected) {
  for (int t = 0; t < count; t++) {
    double scale = 1e-2 * largest(expected.gradients.data(), long(expected.gradients.size()));
    for (int other = 0; other < count; other++)
      if (tensors[other].layer == tensors[t].layer)
        scale = std::fmax(scale, largest(expected.gradients.data() + tensors[other].offset, tensors[other].size));
    const double d = distance(given.gradients.data() + tensors[t].offset, expected.gradients.data() + tensors[t].offset, tensors[t].size);
    INFO(std::string(what), ", gradient of tensor ", t, " (", std::string(graph::leaf_name(tensors[t].role)), "), scale ", scale);
    CHECK(d <= gradient_bound * scale);
  }
}

inline void check_step(const char* what, const graph::Tensor* tensors, int count, const Stepped& given, const Stepped& expected) {
  INFO(std::string(what));
  CHECK(std::fabs(given.sums.loss - expected.sums.loss) <= forward_bound * (1 + std::fabs(expected.sums.loss)));
  CHECK(given.sums.weight == doctest::Approx(expected.sums.weight));
  CHECK(given.sums.correct == expected.sums.correct);
  CHECK(given.sums.counted == expected.sums.counted);
  CHECK(relative_distance(given.buffers.data(), expected.buffers.data(), long(expected.buffers.size())) <= forward_bound);
  check_gradients(what, tensors, count, given, expected);
}

template <class Backend, class Net>
void check_inference(const reference::RandomData& data, std::initializer_list<int> threads) {
  const long size = data.count * output_shape<Net>.size();
  std::vector<float> expected(std::size_t(size), -1.f), first;
  Workers one(1);
  reference::Inference<Net> oracle(data.count, one);
  oracle.load(data.parameters.data(), data.buffers.data());
  oracle.run(data.image_view(), expected.data());
  for (int t : threads) {
    Workers workers(t);
    typename Backend::template Inference<Net> inference(data.count + 3, workers);
    inference.load(data.parameters.data(), data.buffers.data());
    std::vector<float> given(std::size_t(size), -1.f);
    for (int again = 0; again < 2; again++) inference.run(data.image_view(), given.data());
    INFO("inference, ", data.count, " images, ", t, " threads");
    CHECK(distance(given.data(), expected.data(), size) <= forward_bound * std::fmax(1, largest(expected.data(), size)));
    if (first.empty()) first = given;
    CHECK(first == given);
  }
}

template <class Backend, class Net>
void check_training(const reference::RandomData& data, std::initializer_list<int> threads) {
  constexpr auto& net = lowered<Net>;
  const StepOptions plain{.seed = 5};
  Workers one(1);
  reference::Training<Net> oracle(data.count, one);
  const Stepped expected = step_of(oracle, data, data.image_view(), plain);
  std::vector<Stepped> first;
  for (int t : threads) {
    Workers workers(t);
    typename Backend::template Training<Net> training(data.count + 3, workers);
    INFO("training, ", data.count, " images, ", t, " threads");
    step_of(training, data, data.image_view(), {.loss_scale = 3, .seed = 6});  // leaves nothing behind
    const Stepped given = step_of(training, data, data.image_view(), plain);
    if (first.empty()) {
      check_step("step", net.parameters, net.parameter_count, given, expected);
      first.push_back(given);
    }
    CHECK(given == first[0]);
  }
}

/// The options of a step, on one thread.
template <class Backend, class Net>
void check_options(reference::RandomData data) {
  constexpr auto& net = lowered<Net>;
  constexpr int count = net.parameter_count;
  const long size = input_shape<Net>.size();
  Workers one(1);
  reference::Training<Net> oracle(data.count, one);
  typename Backend::template Training<Net> training(data.count, one);

  const StepOptions more{.loss_scale = 0.25, .accumulate = true, .momentum = 0.4, .seed = 9};
  const Stepped accumulated = step_of(oracle, data, data.image_view(), more, 0.5f);
  for (int again = 0; again < 2; again++)  // what the step before made is none of the caller's gradients
    check_step("accumulated, own scale and momentum", net.parameters, count, step_of(training, data, data.image_view(), more, 0.5f), accumulated);

  std::vector<float> class_weights(std::size_t(output_shape<Net>.channels));
  for (std::size_t c = 0; c < class_weights.size(); c++) class_weights[c] = c == 0 ? 0.f : 0.4f + 1.5f * float(c);
  for (const bool divide_by_weights : {false, true}) {
    const StepOptions weighted{.class_weights = class_weights.data(), .divide_by_weights = divide_by_weights, .seed = 9};
    check_step("weighted classes", net.parameters, count, step_of(training, data, data.image_view(), weighted),
               step_of(oracle, data, data.image_view(), weighted));
  }

  const StepOptions forward{.backward = false, .seed = 9};
  const Stepped given = step_of(training, data, data.image_view(), forward, 0.5f);
  check_step("forward only", net.parameters, count, given, step_of(oracle, data, data.image_view(), forward, 0.5f));
  for (float g : given.gradients) REQUIRE(g == 0.5f);

  std::vector<std::int32_t> index(std::size_t(data.count), 0);
  for (int i = 0; i < data.count; i++) index[std::size_t(i)] = (i * 2 + 1) % data.count;
  Images permuted = data.image_view();
  permuted.index = index.data();
  check_step("images by index", net.parameters, count, step_of(training, data, permuted, {}), step_of(oracle, data, permuted, {}));

  std::vector<std::uint8_t> bytes(std::size_t(data.count * size));
  for (std::size_t i = 0; i < bytes.size(); i++) bytes[i] = std::uint8_t(127 + 100 * double(data.images[i]));
  reference::RandomData scaled = data;
  const int channels = input_shape<Net>.channels;
  for (int c = 0; c < channels; c++) scaled.buffers[std::size_t(net.graph.nodes[0].buffers + c)] /= 128;
  const Images as_bytes{.bytes = bytes.data(), .count = data.count};
  check_step("bytes", net.parameters, count, step_of(training, scaled, as_bytes, {}), step_of(oracle, scaled, as_bytes, {}));

  for (std::int32_t& label : data.labels) label = -1;
  const Stepped none = step_of(training, data, data.image_view(), {});
  CHECK(none.sums.loss == 0);
  CHECK(none.sums.counted == 0);
  for (float g : none.gradients) REQUIRE(g == 0);
}

/// The behaviour of `Net` on `Backend`.
template <class Backend, class Net>
void check_backend(std::initializer_list<int> batches = {1, 7, 17}, std::initializer_list<int> threads = {1, 2, 3}) {
  INFO(std::string(spelling_of<Net>()));
  for (int batch : batches) {
    const reference::RandomData data = reference::smooth_data<Net>(batch);
    check_inference<Backend, Net>(data, threads);
    check_training<Backend, Net>(data, threads);
  }
}

}  // namespace strata::testing
