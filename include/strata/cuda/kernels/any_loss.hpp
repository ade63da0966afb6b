// SPDX-License-Identifier: MIT
// The loss that a step asks for: softmax cross-entropy (loss.hpp), other losses of classes, or losses of values. As in
// loss.hpp, the first launch sums the loss over parts of the pixels or values, and the last one writes dx. Losses of
// values keep nothing in between. Those of classes keep two numbers per pixel: the logarithm of the sum of the
// exponentials of its scores, and the factor of p = softmax(scores) in its gradient:
//   cross-entropy, smoothing e    dx = share p - (1 - e) weight[label] onehot - e weight / classes
//   focal                         dx = share (p - onehot)
#pragma once

#include <strata/core/losses/value_losses.hpp>
#include <strata/cuda/kernels/loss.hpp>

namespace strata::cuda::kernels {

/// Cross-entropy with smoothing if `focusing` is 0, else the focal loss.
struct ClassFormula {
  float smoothing, focusing;
  const float* weights;
  int classes;

  ClassFormula(const Call& call)
      : smoothing(call.loss.kind == core::OnDevice::classes ? call.loss.numbers[0] : 0),
        focusing(call.loss.kind == core::OnDevice::focal_classes ? call.loss.numbers[1] : 0),
        weights(call.class_weights),
        classes(call.node->in.channels) {}

  /// Of a label's pixel, given the logarithms of the probabilities: the loss, and what is kept of it.
  template <class LogOf>
  STRATA_DEVICE float loss(std::int32_t label, const LogOf& log_of, float& share) const {
    const float own = log_of(label), whole = weights[label];
    if (focusing != 0) {
      const float p = std::exp(own), rest = -std::expm1(own), power = std::pow(rest, focusing);
      share = whole * (power - (rest > 0 ? focusing * p * power / rest * own : 0.f));
      return -whole * power * own;
    }
    const float evenly = smoothing / float(classes);
    float loss = -(1 - smoothing) * whole * own;
    share = (1 - smoothing) * whole;
    for (int c = 0; smoothing != 0 && c < classes; c++) {
      loss -= evenly * weights[c] * log_of(c);
      share += evenly * weights[c];
    }
    return loss;
  }
  /// The gradient of a score, of a pixel with this label.
  STRATA_DEVICE float gradient(const PixelOfLoss& kept, float score, std::int32_t label, int channel) const {
    if (!is_class(label, classes)) return 0;
    const float p = exponential(score - kept.most);
    if (focusing != 0) return kept.share * (p - float(label == channel));
    return kept.share * p - weights[channel] * ((1 - smoothing) * float(label == channel) + smoothing / float(classes));
  }
};

template <class T>
struct SumsOfClasses {
  ClassFormula formula;
  Node node;
  Grid<1> pixels;
  const T* x;
  DeviceLabels labels;
  PixelOfLoss* kept;
  LossSums* sums;
  long count, parts;

  STRATA_DEVICE void operator()(long part) const {
    LossSums own;
    for (long i = part; i < count; i += parts) {
      const std::int32_t label = labels[i];
      if (!is_class(label, formula.classes)) {
        kept[i] = {0, 0};
        continue;
      }
      const Place p = pixels(i);
      const Scores<T> scores(node, x, p.image, p.row, p.column);
      const auto top = scores.top(formula.classes);
      kept[i].most = top.most + std::log(top.total);
      own.loss += double(formula.loss(
          label, [&](int c) { return scores(c) - top.most - std::log(top.total); }, kept[i].share));
      own.weight += double(formula.weights[label]);
      own.correct += top.channel == label;
      own.counted++;
    }
    sums[part] = own;
  }
};

/// dx where the scores are x itself.
template <class T>
struct SlopesOfClasses {
  ClassFormula formula;
  const T* x;
  DeviceLabels labels;
  const float* scale;
  const PixelOfLoss* kept;
  T* dx;

  STRATA_DEVICE void operator()(long i) const {
    const long pixel = divide(i, formula.classes);
    const int c = int(i - pixel * formula.classes);
    assign(dx[i], *scale * formula.gradient(kept[pixel], to_float(x[i]), labels[pixel], c));
  }
};

/// dx where the scores are crop(resize(x)).
template <class T>
struct EnlargedSlopesOfClasses {
  ClassFormula formula;
  Node node;
  Grid<1> in;
  const T* x;
  DeviceLabels labels;
  const float* scale;
  const PixelOfLoss* kept;
  T* dx;

  STRATA_DEVICE void operator()(long i) const {
    const Place p = in(i);
    const float sum = gathered_gradient(node, in, x, p, [&](long pixel, float score) {
      return formula.gradient(kept[pixel], score, labels[pixel], p.channel);
    });
    assign(dx[i], *scale * sum);
  }
};

inline void class_loss(const Call& call) {
  const Node& node = *call.node;
  const long count = long(call.batch) * node.mid.pixels(), parts = loss_parts(count);
  WorkspaceAllocator allocator(call.workspace);
  const LossWorkspace workspace(allocator, node, call.batch);
  const ClassFormula formula(call);
  with_element(call.element, [&](auto zero) {
    using T = decltype(zero);
    const Grid<1> pixels({node.mid.height, node.mid.width, 1});
    for_each(call.stream, "loss_of_classes", parts,
             SumsOfClasses<T>{formula, node, pixels, static_cast<const T*>(call.inputs[Input::x]), call.labels,
                              workspace.pixels, workspace.even, count, parts});
  });
  add_losses(call, workspace, parts);
  with_element(call.element, [&](auto zero) {
    using T = decltype(zero);
    const T* const x = static_cast<const T*>(call.inputs[Input::x]);
    T* const dx = static_cast<T*>(call.output);
    const Grid<1> in(node.in);
    if (is_enlarged(node))
      for_each(call.stream, "loss_gradient", in.count(call.batch),
               EnlargedSlopesOfClasses<T>{formula, node, in, x, call.labels, workspace.scale, workspace.pixels, dx});
    else
      for_each(call.stream, "loss_gradient", in.count(call.batch),
               SlopesOfClasses<T>{formula, x, call.labels, workspace.scale, workspace.pixels, dx});
  });
}

/// A loss of values at value i of the batch.
template <class T>
struct ValueFormula {
  DeviceLoss loss;
  int channels;
  const T* x;
  const float* targets;
  const float* weights;

  explicit ValueFormula(const Call& call)
      : loss(call.loss),
        channels(call.node->in.channels),
        x(static_cast<const T*>(call.inputs[Input::x])),
        targets(call.labels.floats),
        weights(call.class_weights) {}

  STRATA_DEVICE int channel(long i) const { return int(i - divide(i, channels) * channels); }
  /// The loss, or its slope, with its weight.
  STRATA_DEVICE float at(long i, bool slope) const {
    const int c = channel(i);
    const core::losses::ValueNumbers<float> numbers{loss.numbers[0], loss.numbers[1],
                                                    loss.positive_weights ? loss.positive_weights[c] : 1.f};
    return weights[c] * core::losses::at_value(loss.kind, slope, to_float(x[i]), targets[i], numbers);
  }
};

template <class T>
struct SumsOfValues {
  ValueFormula<T> formula;
  LossSums* sums;
  long count, parts;

  STRATA_DEVICE void operator()(long part) const {
    LossSums own;
    for (long i = part; i < count; i += parts) {
      const float target = formula.targets[i];
      if (core::is_missing(target)) continue;
      own.loss += double(formula.at(i, false));
      own.weight += double(formula.weights[formula.channel(i)]);
      own.counted++;
      if (formula.loss.decides) own.correct += (to_float(formula.x[i]) > formula.loss.threshold) == (target > 0.5f);
    }
    sums[part] = own;
  }
};

template <class T>
struct SlopesOfValues {
  ValueFormula<T> formula;
  const float* scale;
  T* dx;

  STRATA_DEVICE void operator()(long i) const {
    assign(dx[i], core::is_missing(formula.targets[i]) ? 0.f : *scale * formula.at(i, true));
  }
};

inline void value_loss(const Call& call) {
  const Node& node = *call.node;
  const long count = call.batch * node.in.size(), parts = loss_parts(long(call.batch) * node.mid.pixels());
  WorkspaceAllocator allocator(call.workspace);
  const LossWorkspace workspace(allocator, node, call.batch);
  with_element(call.element, [&](auto zero) {
    using T = decltype(zero);
    for_each(call.stream, "loss_of_values", parts,
             SumsOfValues<T>{ValueFormula<T>(call), workspace.even, count, parts});
  });
  add_losses(call, workspace, parts);
  with_element(call.element, [&](auto zero) {
    using T = decltype(zero);
    for_each(call.stream, "loss_gradient", count,
             SlopesOfValues<T>{ValueFormula<T>(call), workspace.scale, static_cast<T*>(call.output)});
  });
}

inline void loss(const Call& call) {
  if (call.loss.kind == core::OnDevice::none) softmax_loss(call);
  else if (call.loss.kind == core::OnDevice::classes || call.loss.kind == core::OnDevice::focal_classes)
    class_loss(call);
  else value_loss(call);
}

}  // namespace strata::cuda::kernels
