// SPDX-License-Identifier: MIT
// The Dice loss of an image, of p = softmax(scores) and labels, or of p = sigmoid(scores) and floats, with a smoothing
// number n and sums over the image's pixels that have a target:
//   D = sum w[c] (1 - (2 sum p[c] t[c] + n) / (sum p[c] + sum t[c] + n)) / sum w[c]
// An image's loss counts as often as it has such pixels, so that a cross-entropy of each pixel can be added:
//   L = sum over the pixels of (D + numbers[1] cross-entropy)          numbers[0] = n
#pragma once

#include <strata/core/losses/class_losses.hpp>
#include <strata/core/losses/value_losses.hpp>

namespace strata::core {

/// What turns the scores of the Dice loss into probabilities.
enum class DiceOf : unsigned char { softmax, sigmoid };

namespace losses {

/// The probabilities of a pixel, one class at a time.
template <DiceOf Of, class T>
struct DicePixel {
  const T* scores;
  SoftmaxOf<T> softmax;

  DicePixel(const T* s, int channels) : scores(s), softmax(s, Of == DiceOf::softmax ? channels : 1) {}
  T of(int c) const { return Of == DiceOf::softmax ? std::exp(softmax.log_of(scores[c])) : sigmoid_of(scores[c]); }
};

/// of_image: for each class the sums of p t, p and t; then the number of pixels.
template <DiceOf Of, class T>
void gather_dice(const LossTerm&, const LossRun<T>& run, double* of_image) {
  for (long p = 0; p < run.count; p++) {
    const ClassTarget<T> target(run, p, 0);
    if (!target.counts()) continue;
    const DicePixel<Of, T> pixel(run.scores + p * run.stride, run.channels);
    for (int c = 0; c < run.channels; c++) {
      const double own = double(pixel.of(c)), t = double(target.of(c));
      of_image[3 * c] += own * t, of_image[3 * c + 1] += own, of_image[3 * c + 2] += t;
    }
    of_image[3 * run.channels]++;
  }
}

/// The Dice loss of an image.
inline double dice_of(const LossTerm& term, const double* of_image, int channels) {
  double loss = 0, weights = 0;
  for (int c = 0; c < channels; c++) {
    const double w = term.weights ? double(term.weights[c]) : 1, *sums = of_image + 3 * c;
    loss += w * (1 - (2 * sums[0] + term.numbers[0]) / (sums[1] + sums[2] + term.numbers[0]));
    weights += w;
  }
  return loss / weights;
}

/// d D / d p[c] at a pixel whose target is t.
inline double dice_slope(const LossTerm& term, const double* of_class, double t) {
  const double all = of_class[1] + of_class[2] + term.numbers[0];
  return ((2 * of_class[0] + term.numbers[0]) / all - 2 * t) / all;
}

template <DiceOf Of, class T>
void dice_losses(const LossTerm& term, const LossRun<T>& run, StepResult& sums) {
  const int channels = run.channels;
  const double pixels = run.of_image[3 * channels], dice = pixels > 0 ? dice_of(term, run.of_image, channels) : 0;
  double weights = 0;
  for (int c = 0; c < channels; c++) weights += term.weights ? double(term.weights[c]) : 1;
  const LossTerm plain{.weights = term.weights};
  for (long p = 0; p < run.count; p++) {
    const T* const scores = run.scores + p * run.stride;
    T* const gradient = run.gradient + p * run.stride;
    clear_pixel(gradient, channels);
    const ClassTarget<T> target(run, p, 0);
    if (!target.counts()) continue;
    const DicePixel<Of, T> pixel(scores, channels);
    const auto slope = [&](int c) {
      const double w = term.weights ? double(term.weights[c]) : 1;
      return T(pixels * w / weights * dice_slope(term, run.of_image + 3 * c, double(target.of(c))));
    };
    T shared = 0;
    for (int c = 0; Of == DiceOf::softmax && c < channels; c++) shared += slope(c) * pixel.of(c);
    bool right = true;
    for (int c = 0; c < channels; c++) {
      const T own = pixel.of(c);
      gradient[c] = run.scale * own * (Of == DiceOf::softmax ? slope(c) - shared : slope(c) * (1 - own));
      right = right && (scores[c] > 0) == (target.of(c) > T(0.5));
    }
    sums.loss += dice;
    const T factor = T(term.numbers[1]);
    if (factor != 0 && Of == DiceOf::softmax)
      sums.loss += double(factor) * class_loss<ClassLoss::cross_entropy>(plain, target, pixel.softmax, scores,
                                                                         run.scale * factor, gradient);
    for (int c = 0; factor != 0 && Of == DiceOf::sigmoid && c < channels; c++) {
      const T w = (term.weights ? T(term.weights[c]) : T(1)) * factor / T(channels), t = target.of(c);
      sums.loss += double(w * logistic::f(scores[c], t, ValueNumbers<T>{}));
      gradient[c] += run.scale * w * logistic::df(scores[c], t, ValueNumbers<T>{});
    }
    sums.weight++, sums.counted++;
    sums.correct += Of == DiceOf::softmax ? pixel.softmax.best == target.most_probable() : right;
  }
}

}  // namespace losses

template <DiceOf Of>
inline constexpr LossFunction dice_loss_function{
    .name = "Dice",
    .targets = Of == DiceOf::softmax ? Targets::classes : Targets::probabilities,
    .by_value = false,
    .decides = true,
    .floats = losses::dice_losses<Of, float>,
    .doubles = losses::dice_losses<Of, double>,
    .gather = losses::gather_dice<Of, float>,
    .gather_doubles = losses::gather_dice<Of, double>,
    .on_device = Of == DiceOf::softmax ? OnDevice::dice : OnDevice::binary_dice};

/// numbers[0]: the smoothing number; numbers[1]: the factor of the cross-entropy.
inline constexpr const LossFunction& dice_loss = dice_loss_function<DiceOf::softmax>;
inline constexpr const LossFunction& binary_dice_loss = dice_loss_function<DiceOf::sigmoid>;

}  // namespace strata::core
