// SPDX-License-Identifier: MIT
// The inputs of an inference or a training step.
#pragma once

#include <strata/benchmark/subject.hpp>
#include <strata/core/aligned.hpp>
#include <strata/core/losses/value_losses.hpp>
#include <strata/core/random.hpp>

#include <algorithm>
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

/// What a head of a training learns: labels after a softmax, else values. Where there is a label per pixel, classes
/// have weights.
struct HeadTargets {
  std::vector<std::int32_t> labels{};
  core::Floats values{};
  std::vector<float> class_weights{};  ///< empty: all 1

  HeadTargets(const graph::Node& head, int images, core::Random& random) {
    const Shape scores = head.out;
    if (head.op != graph::Op::softmax) {
      values.resize(std::size_t(images) * std::size_t(scores.size()));
      for (float& value : values) value = 2 * random.uniform() - 1;
      return;
    }
    labels.resize(std::size_t(images) * std::size_t(scores.pixels()));
    for (std::int32_t& label : labels) label = std::int32_t(random.below(std::uint64_t(scores.channels)));
    if (scores.pixels() > 1)
      for (int c = 0; c < scores.channels; c++) class_weights.push_back(0.2f + 0.48f * float(c));
  }
  /// The cross-entropy of labels, or squared errors, divided by their number.
  core::LossTerm term() const {
    return {.function = labels.empty() ? &core::squared_loss : nullptr,
            .weights = class_weights.empty() ? nullptr : class_weights.data(),
            .divisor = core::LossTerm::Divisor::counted};
  }
};

/// He-initialized weights, neutral batch norms, noise. Training reads bytes, inference floats.
struct Inputs {
  core::Floats parameters, buffers;
  std::vector<core::Floats> floats{};              ///< of an inference, by source
  std::vector<std::vector<std::uint8_t>> bytes{};  ///< of a training, by source
  std::vector<HeadTargets> heads{};                ///< of a training

  Inputs(const Subject& subject, int images)
      : parameters(std::size_t(subject.parameter_floats)), buffers(std::size_t(subject.buffer_floats)), count_(images) {
    detail::fill(subject.parameters, subject.parameter_count, parameters);
    detail::fill(subject.buffers, subject.buffer_count, buffers);
    const reference::Declaration& net = *subject.declared;
    core::Random random{2, 0};
    for (int i = 0; i < net.count; i++)
      if (net.nodes[i].op == graph::Op::input)
        draw_source(std::size_t(images) * std::size_t(net.nodes[i].out.size()), subject.training, random);
    for (std::size_t s = 1; s < std::max(floats.size(), bytes.size()); s++) other_images_.push_back(source(s));
    if (!subject.training) return;
    for (int head = 0; head < graph::result_count(net); head++)
      heads.emplace_back(net.nodes[graph::result_of(net, head)], images, random);
    for (const HeadTargets& head : heads) {
      terms_.push_back(head.term());
      if (&head != heads.data()) other_labels_.push_back(labels_of(head));
    }
  }
  // The views point into it.
  Inputs(const Inputs&) = delete;
  Inputs& operator=(const Inputs&) = delete;

  /// As many images as it was made for, of all sources.
  Images images() const {
    Images all = source(0);
    all.more = other_images_.empty() ? nullptr : other_images_.data();
    return all;
  }
  /// Of all heads, for a training.
  Labels labels() const {
    Labels all = labels_of(heads[0]);
    all.more = other_labels_.empty() ? nullptr : other_labels_.data();
    return all;
  }
  /// The losses of all heads.
  core::StepOptions options() const {
    if (heads.size() == 1) return {.class_weights = terms_[0].weights};
    return {.losses = terms_};
  }
  const std::vector<core::LossTerm>& terms() const { return terms_; }

 private:
  void draw_source(std::size_t size, bool training, core::Random& random) {
    if (training)
      for (std::uint8_t& byte : bytes.emplace_back(size)) byte = std::uint8_t(random.below(256));
    else
      for (float& x : floats.emplace_back(size)) x = 64 * (2 * random.uniform() - 1);
  }
  Images source(std::size_t s) const {
    return {.floats = s < floats.size() ? floats[s].data() : nullptr,
            .bytes = s < bytes.size() ? bytes[s].data() : nullptr,
            .count = count_};
  }
  static Labels labels_of(const HeadTargets& head) {
    return {.values = head.labels.empty() ? nullptr : head.labels.data(),
            .floats = head.values.empty() ? nullptr : head.values.data()};
  }

  int count_;
  std::vector<Images> other_images_{};
  std::vector<Labels> other_labels_{};
  std::vector<core::LossTerm> terms_{};
};

namespace detail {

/// The steps of all heads, which differ by what their losses need, like `step`, the first one's.
template <class Step, class Program>
void set_heads(const Program& program, const Inputs& inputs, Step& step, Step* of_heads) {
  const Labels labels = inputs.labels();
  for (int head = 0; head < graph::result_count(program); head++) {
    const graph::Node& loss = program.nodes[graph::result_of(program, head)];
    const bool by_value = inputs.terms()[std::size_t(head)].function != nullptr;
    const long targets = by_value ? loss.mid.size() : loss.mid.pixels();
    of_heads[head] = step;
    of_heads[head].labels = core::head_of(labels, head);
    of_heads[head].term = inputs.terms()[std::size_t(head)];
    of_heads[head].loss_scale = 1 / (double(step.images.count) * double(targets));
    of_heads[head].of_heads = of_heads;
  }
  step = of_heads[0];
}

}  // namespace detail

}  // namespace strata::benchmarks
