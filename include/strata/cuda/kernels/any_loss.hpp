// SPDX-License-Identifier: MIT
// The loss that a step asks for: softmax cross-entropy (loss.hpp), other losses of classes, or losses of values. As in
// loss.hpp, the first launch sums the loss over parts of the pixels or values, and the last one writes dx. Losses of
// values keep nothing in between. Those of classes keep two numbers per pixel: the logarithm of the sum of the
// exponentials of its scores, and the factor of p = softmax(scores) in its gradient,
//   dx[c] = share p[c] + moment[c],   share = -sum of the moments,   q = weight t,   t as in core/losses
//   cross-entropy, Kullback-Leibler   moment = -q
//   focal                             moment = q (g p (1 - p)^(g - 1) log p - (1 - p)^g)
//   Dice                              moment = d p - numbers[1] q, d the slope of the image's loss by p[c]
// and of the Dice loss of sigmoids, dx[c] = d p (1 - p), plus the slope of the binary cross-entropy. The sums over an
// image that d needs come from launches before the first: an item is a class of an image.
#pragma once

#include <strata/core/losses/value_losses.hpp>
#include <strata/cuda/kernels/loss.hpp>

namespace strata::cuda::kernels {

using core::OnDevice;

/// What a loss of classes says of a score, its pixel and its class.
struct ClassFormula {
  OnDevice kind;
  float first, second;
  const float* weights;
  DeviceLabels labels;
  int classes;
  long pixels;             ///< of an image
  const double* of_image;  ///< numbers_of_image() for each

  static constexpr float ignored = 3e38f;  ///< PixelOfLoss::most of a pixel that does not count

  ClassFormula(const Call& call, const LossWorkspace& workspace)
      : kind(call.loss.kind),
        first(call.loss.numbers[0]),
        second(call.loss.numbers[1]),
        weights(call.class_weights),
        labels(call.labels),
        classes(call.node->in.channels),
        pixels(call.node->mid.pixels()),
        of_image(workspace.of_image) {}

  STRATA_DEVICE bool is_dice() const { return kind == OnDevice::dice || kind == OnDevice::binary_dice; }
  STRATA_DEVICE bool counts(long pixel) const {
    if (!labels.floats) return is_class(labels[pixel], classes);
    for (int c = 0; c < classes; c++)
      if (core::is_missing(labels.floats[pixel * classes + c])) return false;
    return true;
  }
  STRATA_DEVICE float target(long pixel, int c) const {
    const float own = labels.floats ? labels.floats[pixel * classes + c] : float(labels[pixel] == c);
    return kind == OnDevice::classes ? own * (1 - first) + first / float(classes) : own;
  }
  STRATA_DEVICE int most_probable(long pixel) const {
    if (!labels.floats) return labels[pixel];
    const float* const targets = labels.floats + pixel * classes;
    int best = 0;
    for (int c = 1; c < classes; c++)
      if (targets[c] > targets[best]) best = c;
    return best;
  }
  STRATA_DEVICE const double* image(long pixel) const {
    return of_image + divide(pixel, pixels) * numbers_of_image(classes);
  }
  /// p of a score; most: of its pixel.
  STRATA_DEVICE float probability(float score, float most) const {
    return kind == OnDevice::binary_dice ? core::losses::sigmoid_of(score) : exponential(score - most);
  }

  STRATA_DEVICE float moment(long pixel, int c, float score, float most) const {
    const float t = target(pixel, c), q = weights[c] * t, p = probability(score, most);
    if (is_dice()) {
      const double *const sums = image(pixel), *const own = sums + 3 * c;
      const double all = own[1] + own[2] + double(first), share = double(weights[c]) / sums[3 * classes + 1];
      const float slope = float(sums[3 * classes] * share * ((2 * own[0] + double(first)) / all - 2 * double(t)) / all);
      if (kind == OnDevice::dice) return slope * p - second * q;
      return slope * p * (1 - p) + second * weights[c] / float(classes) * core::losses::logistic::df(score, t, {});
    }
    if (kind != OnDevice::focal_classes || q == 0) return -q;
    const float log_p = score - most, rest = -std::expm1(log_p), power = std::pow(rest, second);
    const float steeper = second == 0 || rest <= 0 ? 0.f : second * p * power / rest * log_p;
    return q * (steeper - power);
  }
  /// The part of a class in the loss of a pixel, but for the loss of its image.
  STRATA_DEVICE float loss(long pixel, int c, float score, float most) const {
    const float t = target(pixel, c), q = weights[c] * t, log_p = score - most;
    if (kind == OnDevice::binary_dice)
      return second == 0 ? 0 : second * weights[c] / float(classes) * core::losses::logistic::f(score, t, {});
    if (q == 0) return 0;
    if (kind == OnDevice::dice) return -second * q * log_p;
    if (kind == OnDevice::focal_classes) return -q * std::pow(-std::expm1(log_p), second) * log_p;
    return kind == OnDevice::kullback_leibler ? q * (std::log(t) - log_p) : -q * log_p;
  }
  STRATA_DEVICE float gradient(const PixelOfLoss& kept, long pixel, int c, float score) const {
    if (kept.most == ignored) return 0;
    const float own = moment(pixel, c, score, kept.most);
    return kind == OnDevice::binary_dice ? own : kept.share * exponential(score - kept.most) + own;
  }
};

/// The logarithms of the sums of exponentials, for the sums over images.
template <class T>
struct PixelsOfClasses {
  ClassFormula formula;
  Node node;
  Grid<1> grid;
  const T* x;
  PixelOfLoss* kept;

  STRATA_DEVICE void operator()(long i) const {
    const Place p = grid(i);
    const Scores<T> scores(node, x, p.image, p.row, p.column);
    const auto top = scores.top(formula.classes);
    kept[i] = {formula.counts(i) ? top.most + std::log(top.total) : ClassFormula::ignored, 0};
  }
};

/// An item sums a class over an image; of_image is that of the formula.
template <class T>
struct SumsOfImage {
  ClassFormula formula;
  Node node;
  Grid<1> grid;
  const T* x;
  const PixelOfLoss* kept;
  double* of_image;

  STRATA_DEVICE void operator()(long item) const {
    const long image = divide(item, formula.classes);
    const int c = int(item - image * formula.classes);
    double* const numbers = of_image + image * numbers_of_image(formula.classes);
    double both = 0, probabilities = 0, targets = 0, counted = 0;
    for (long i = image * formula.pixels; i < (image + 1) * formula.pixels; i++) {
      if (kept[i].most == ClassFormula::ignored) continue;
      const Place p = grid(i);
      const Scores<T> scores(node, x, p.image, p.row, p.column);
      const double own = double(formula.probability(scores(c), kept[i].most)), t = double(formula.target(i, c));
      both += own * t, probabilities += own, targets += t, counted++;
    }
    numbers[3 * c] = both, numbers[3 * c + 1] = probabilities, numbers[3 * c + 2] = targets;
    if (c == 0) numbers[3 * formula.classes] = counted;
  }
};

/// The sum of the weights, and the Dice loss of an image.
struct DiceOfImage {
  ClassFormula formula;
  double* of_image;

  STRATA_DEVICE void operator()(long image) const {
    double* const numbers = of_image + image * numbers_of_image(formula.classes);
    double weights = 0, loss = 0;
    for (int c = 0; c < formula.classes; c++) {
      const double* const own = numbers + 3 * c;
      const double w = double(formula.weights[c]), smooth = double(formula.first);
      loss += w * (1 - (2 * own[0] + smooth) / (own[1] + own[2] + smooth));
      weights += w;
    }
    numbers[3 * formula.classes + 1] = weights;
    numbers[3 * formula.classes + 2] = numbers[3 * formula.classes] > 0 ? loss / weights : 0;
  }
};

template <class T>
struct SumsOfClasses {
  ClassFormula formula;
  Node node;
  Grid<1> grid;
  const T* x;
  PixelOfLoss* kept;
  LossSums* sums;
  long count, parts;

  STRATA_DEVICE void operator()(long part) const {
    LossSums own;
    for (long i = part; i < count; i += parts) {
      if (!formula.counts(i)) {
        kept[i] = {ClassFormula::ignored, 0};
        continue;
      }
      const Place p = grid(i);
      const Scores<T> scores(node, x, p.image, p.row, p.column);
      const auto top = scores.top(formula.classes);
      const float most = top.most + std::log(top.total);
      float loss = 0, share = 0;
      bool right = true;
      for (int c = 0; c < formula.classes; c++) {
        const float score = scores(c);
        loss += formula.loss(i, c, score, most);
        share -= formula.moment(i, c, score, most);
        right = right && (score > 0) == (formula.target(i, c) > 0.5f);
      }
      kept[i] = {most, share};
      own.loss += double(loss) + (formula.is_dice() ? formula.image(i)[3 * formula.classes + 2] : 0);
      own.weight += formula.is_dice() || formula.labels.floats ? 1 : double(formula.weights[formula.labels[i]]);
      own.correct += formula.kind == OnDevice::binary_dice ? right : top.channel == formula.most_probable(i);
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
  const float* scale;
  const PixelOfLoss* kept;
  T* dx;

  STRATA_DEVICE void operator()(long i) const {
    const long pixel = divide(i, formula.classes);
    const int c = int(i - pixel * formula.classes);
    assign(dx[i], *scale * formula.gradient(kept[pixel], pixel, c, to_float(x[i])));
  }
};

/// dx where the scores are crop(resize(x)).
template <class T>
struct EnlargedSlopesOfClasses {
  ClassFormula formula;
  Node node;
  Grid<1> in;
  const T* x;
  const float* scale;
  const PixelOfLoss* kept;
  T* dx;

  STRATA_DEVICE void operator()(long i) const {
    const Place p = in(i);
    const float sum = gathered_gradient(node, in, x, p, [&](long pixel, float score) {
      return formula.gradient(kept[pixel], pixel, p.channel, score);
    });
    assign(dx[i], *scale * sum);
  }
};

inline void class_loss(const Call& call) {
  const Node& node = *call.node;
  const long count = long(call.batch) * node.mid.pixels(), parts = loss_parts(count);
  WorkspaceAllocator allocator(call.workspace);
  const LossWorkspace workspace(allocator, node, call.batch);
  const ClassFormula formula(call, workspace);
  const Grid<1> grid({node.mid.height, node.mid.width, 1});
  with_element(call.element, [&](auto zero) {
    using T = decltype(zero);
    const T* const x = static_cast<const T*>(call.inputs[Input::x]);
    if (formula.is_dice()) {
      for_each(call.stream, "loss_of_pixels", count, PixelsOfClasses<T>{formula, node, grid, x, workspace.pixels});
      for_each(call.stream, "sums_of_images", long(call.batch) * formula.classes,
               SumsOfImage<T>{formula, node, grid, x, workspace.pixels, workspace.of_image});
      for_each(call.stream, "loss_of_images", call.batch, DiceOfImage{formula, workspace.of_image});
    }
    for_each(call.stream, "loss_of_classes", parts,
             SumsOfClasses<T>{formula, node, grid, x, workspace.pixels, workspace.even, count, parts});
  });
  add_losses(call, workspace, parts);
  with_element(call.element, [&](auto zero) {
    using T = decltype(zero);
    const T* const x = static_cast<const T*>(call.inputs[Input::x]);
    T* const dx = static_cast<T*>(call.output);
    const Grid<1> in(node.in);
    if (is_enlarged(node))
      for_each(call.stream, "loss_gradient", in.count(call.batch),
               EnlargedSlopesOfClasses<T>{formula, node, in, x, workspace.scale, workspace.pixels, dx});
    else
      for_each(call.stream, "loss_gradient", in.count(call.batch),
               SlopesOfClasses<T>{formula, x, workspace.scale, workspace.pixels, dx});
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
  switch (call.loss.kind) {
    case OnDevice::none: return softmax_loss(call);
    case OnDevice::classes:
    case OnDevice::focal_classes:
    case OnDevice::kullback_leibler:
    case OnDevice::dice:
    case OnDevice::binary_dice: return class_loss(call);
    default: return value_loss(call);
  }
}

}  // namespace strata::cuda::kernels
