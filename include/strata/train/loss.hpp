// SPDX-License-Identifier: MIT
// The losses of a training: train(model, data, {.loss = Huber{.delta = 0.5}}). Each is a struct that becomes a Loss.
#pragma once

#include <array>
#include <vector>

#include <strata/core/losses/dice_loss.hpp>

namespace strata::training {

/// A loss over the images of one update: the sum of what it says of each label, value or pixel, reduced. Labels below 0
/// and values of NaN are ignored. By default it is softmax cross-entropy, -sum of weight[label] log y[label].
struct Loss {
  /// What the sum is divided by.
  enum class Reduction : unsigned char {
    mean,                                    ///< divided by the number of labels, values or pixels, as in MATLAB
    weighted_mean,                           ///< divided by the sum of their weights, as in PyTorch
    sum,                                     ///< 1
    per_image                                ///< divided by the number of images, as PyTorch's "batchmean"
  } reduction = Reduction::mean;             ///< what the sum is divided by
  double scale = 1;                          ///< multiplies the gradients, not the reported loss; from 1e-12 to 1e12
  std::vector<float> class_weights{};        ///< one per class or channel, 0 or from 1e-12 to 1e12; empty: all 1
  std::vector<float> positive_weights{};     ///< one per channel, where its target is 1; empty: all 1
  std::array<double, 2> numbers{};           ///< of the family
  const core::LossFamily* family = nullptr;  ///< which loss; null: softmax cross-entropy

  /// The class weights, one per class; null if there are none.
  const float* weights() const { return class_weights.empty() ? nullptr : class_weights.data(); }
  /// Whether the reduction is weighted_mean.
  bool divides_by_weights() const { return reduction == Reduction::weighted_mean; }
  /// Whether the divisor is the number of labels, or their weight.
  bool divides_by_labels() const { return reduction == Reduction::mean || divides_by_weights(); }
  /// How users write it.
  const char* name() const { return family ? family->name : "CrossEntropy"; }
};

namespace detail {

inline constexpr core::LossFamily cross_entropy_family{
    "CrossEntropy", &core::cross_entropy_loss, nullptr, &core::cross_entropy_loss, {{"smoothing", 0, 1}}};
inline constexpr core::LossFamily binary_cross_entropy_family{"BinaryCrossEntropy", nullptr, &core::probability_loss,
                                                              &core::logistic_loss};
inline constexpr core::LossFamily squared_family{"MeanSquaredError", nullptr, &core::squared_loss, &core::squared_loss};
inline constexpr core::LossFamily absolute_family{"MeanAbsoluteError", nullptr, &core::absolute_loss,
                                                  &core::absolute_loss};
inline constexpr core::LossFamily huber_family{
    "Huber", nullptr, &core::huber_loss, &core::huber_loss, {{"delta", 1e-12, 1e12, 1}}};
inline constexpr core::LossFamily focal_family{
    "Focal", &core::focal_loss, nullptr, &core::binary_focal_loss, {{"balance", 0, 1, -1}, {"focusing", 0, 1e6}}};
inline constexpr core::LossFamily dice_family{
    "Dice", &core::dice_loss, nullptr, &core::binary_dice_loss, {{"smooth", 0, 1e12}, {"cross_entropy", 0, 1e12}}};
inline constexpr core::LossFamily kullback_leibler_family{"KullbackLeibler", &core::kullback_leibler_loss, nullptr,
                                                          &core::divergence_loss};

}  // namespace detail

/// Softmax cross-entropy of labels, or of a probability of each class (Labels::floats). A network without a softmax at
/// the end outputs logarithms of odds, as in PyTorch.
struct CrossEntropy {
  Loss::Reduction reduction = Loss::Reduction::mean;  ///< per label or pixel
  std::vector<float> class_weights{};                 ///< one per class; empty: all 1
  double smoothing = 0;  ///< the part of each target that all classes share, from 0 to 1: label smoothing
  double scale = 1;      ///< multiplies the gradients
  operator Loss() const {
    return {.reduction = reduction,
            .scale = scale,
            .class_weights = class_weights,
            .numbers = {smoothing},
            .family = &detail::cross_entropy_family};
  }
};

/// Binary cross-entropy of each value, a yes or no of its own: targets are floats from 0 to 1. The network ends in
/// Sigmoid, or without it outputs logarithms of odds, which is more precise.
struct BinaryCrossEntropy {
  Loss::Reduction reduction = Loss::Reduction::mean;  ///< per value
  std::vector<float> class_weights{};                 ///< one per channel; empty: all 1
  std::vector<float> positive_weights{};              ///< one per channel, where the target is 1; empty: all 1
  double scale = 1;                                   ///< multiplies the gradients
  operator Loss() const {
    return {.reduction = reduction,
            .scale = scale,
            .class_weights = class_weights,
            .positive_weights = positive_weights,
            .family = &detail::binary_cross_entropy_family};
  }
};

/// (y - target)^2 of each value.
struct MeanSquaredError {
  Loss::Reduction reduction = Loss::Reduction::mean;  ///< per value
  std::vector<float> class_weights{};                 ///< one per channel; empty: all 1
  double scale = 1;                                   ///< multiplies the gradients
  operator Loss() const {
    return {.reduction = reduction, .scale = scale, .class_weights = class_weights, .family = &detail::squared_family};
  }
};

/// |y - target| of each value.
struct MeanAbsoluteError {
  Loss::Reduction reduction = Loss::Reduction::mean;  ///< per value
  std::vector<float> class_weights{};                 ///< one per channel; empty: all 1
  double scale = 1;                                   ///< multiplies the gradients
  operator Loss() const {
    return {.reduction = reduction, .scale = scale, .class_weights = class_weights, .family = &detail::absolute_family};
  }
};

/// (y - target)^2 / 2 up to a distance of delta, and linear beyond it.
struct Huber {
  double delta = 1;                                   ///< from 1e-12 to 1e12
  Loss::Reduction reduction = Loss::Reduction::mean;  ///< per value
  std::vector<float> class_weights{};                 ///< one per channel; empty: all 1
  double scale = 1;                                   ///< multiplies the gradients
  operator Loss() const {
    return {.reduction = reduction,
            .scale = scale,
            .class_weights = class_weights,
            .numbers = {delta},
            .family = &detail::huber_family};
  }
};

/// Cross-entropy times (1 - p)^focusing, where p is the probability of the target (Lin et al., arXiv 1708.02002): of
/// classes after a softmax, else of each value, from logarithms of odds.
struct Focal {
  double focusing = 2;  ///< from 0 to 1e6; 0: cross-entropy
  double balance = -1;  ///< of values: the weight of those whose target is 1, from 0 to 1, the others' is 1 - balance;
                        ///< -1: none. Classes have class_weights.
  Loss::Reduction reduction = Loss::Reduction::mean;  ///< per label, or per value
  std::vector<float> class_weights{};                 ///< one per class or channel; empty: all 1
  double scale = 1;                                   ///< multiplies the gradients
  operator Loss() const {
    return {.reduction = reduction,
            .scale = scale,
            .class_weights = class_weights,
            .numbers = {balance, focusing},
            .family = &detail::focal_family};
  }
};

/// 1 - (2 sum p t + smooth) / (sum p + sum t + smooth), of the sums over an image for each class, averaged over classes
/// and images: p are the probabilities after a softmax, else the sigmoids of the output. Each image counts as often as
/// it has labeled pixels.
struct Dice {
  double smooth = 1;         ///< from 0 to 1e12; above 0 where a class may be absent
  double cross_entropy = 0;  ///< from 0 to 1e12: that much of the (binary) cross-entropy is added
  Loss::Reduction reduction = Loss::Reduction::mean;  ///< per pixel
  std::vector<float> class_weights{};                 ///< one per class; empty: all 1
  double scale = 1;                                   ///< multiplies the gradients
  operator Loss() const {
    return {.reduction = reduction,
            .scale = scale,
            .class_weights = class_weights,
            .numbers = {smooth, cross_entropy},
            .family = &detail::dice_family};
  }
};

/// sum t log(t / p) of a probability t of each class. After a softmax it counts by pixel; else the output is log p, and
/// each value counts, as in PyTorch.
struct KullbackLeibler {
  Loss::Reduction reduction = Loss::Reduction::mean;  ///< per pixel, or per value
  std::vector<float> class_weights{};                 ///< one per class; empty: all 1
  double scale = 1;                                   ///< multiplies the gradients
  operator Loss() const {
    return {.reduction = reduction,
            .scale = scale,
            .class_weights = class_weights,
            .family = &detail::kullback_leibler_family};
  }
};

/// A loss of your own, of each value. F has a `name` and two functions, generic in T, float or double: f(T y, T
/// target), the loss, and df(T y, T target), its derivative by y. The CPU computes it; a GPU does not.
template <class F>
struct OwnLoss {
  Loss::Reduction reduction = Loss::Reduction::mean;  ///< per value
  std::vector<float> class_weights{};                 ///< one per channel; empty: all 1
  double scale = 1;                                   ///< multiplies the gradients
  /// How F is computed.
  static constexpr core::LossFunction function = core::losses::value_loss<core::losses::own<F>>(F::name);
  /// It fits every network that does not end in a softmax.
  static constexpr core::LossFamily family{F::name, nullptr, &function, &function};
  operator Loss() const {
    return {.reduction = reduction, .scale = scale, .class_weights = class_weights, .family = &family};
  }
};

namespace detail {

/// Sets what a step computes of this loss; it points into the loss. False: the loss does not fit a network that ends in
/// this.
inline bool make_term(const Loss& loss, core::HeadKind head, core::LossTerm& term) {
  term = {.weights = loss.weights(),
          .positive_weights = loss.positive_weights.empty() ? nullptr : loss.positive_weights.data(),
          .numbers = {loss.numbers[0], loss.numbers[1]}};
  if (!loss.family) return head == core::HeadKind::softmax;
  term.function = loss.family->of(head);
  if (!term.function) return false;
  const bool is_plain = term.function->on_device == core::OnDevice::classes && loss.numbers[0] == 0;
  if (is_plain) term.function = nullptr;  // cross-entropy without smoothing
  return true;
}

}  // namespace detail

}  // namespace strata::training

namespace strata {
using training::BinaryCrossEntropy;
using training::CrossEntropy;
using training::Dice;
using training::Focal;
using training::Huber;
using training::KullbackLeibler;
using training::MeanAbsoluteError;
using training::MeanSquaredError;
}  // namespace strata
