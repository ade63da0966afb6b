// SPDX-License-Identifier: MIT
// Losses of classes, of one pixel with scores s, p = softmax(s) and q[c] = weight[c] t[c], where t is one-hot or a
// probability of each class, of which smoothing spreads a part evenly:
//   cross-entropy       L = -sum q log p                      dL/ds = p sum q - q
//   focal, focusing g   L = -sum q (1 - p)^g log p            dL/ds = m - p sum m,
//                       m = q (g p (1 - p)^(g - 1) log p - (1 - p)^g)
//   Kullback-Leibler    L = sum q (log t - log p)             as cross-entropy
#pragma once

#include <cmath>
#include <limits>

#include <strata/core/losses/loss_term.hpp>
#include <strata/core/losses/step_result.hpp>

namespace strata::core {

enum class ClassLoss : unsigned char { cross_entropy, focal, kullback_leibler };

namespace losses {

/// The probability of each class that a pixel should have.
template <class T>
struct ClassTarget {
  std::int32_t label = -1;
  const float* floats = nullptr;
  int channels = 0;
  T smoothing = 0;

  ClassTarget(const LossRun<T>& run, long pixel, double smoothed)
      : label(run.labels ? run.labels[pixel] : -1),
        floats(run.labels ? nullptr : run.targets + pixel * run.channels),
        channels(run.channels),
        smoothing(T(smoothed)) {}
  /// Whether the pixel counts.
  bool counts() const {
    if (!floats) return label >= 0 && label < channels;
    for (int c = 0; c < channels; c++)
      if (is_missing(floats[c])) return false;
    return true;
  }
  T of(int c) const {
    const T own = floats ? T(floats[c]) : T(c == label);
    return smoothing == 0 ? own : own * (1 - smoothing) + smoothing / T(channels);
  }
  /// The most probable class; the first of several.
  int most_probable() const {
    if (!floats) return label;
    int best = 0;
    for (int c = 1; c < channels; c++)
      if (floats[c] > floats[best]) best = c;
    return best;
  }
};

/// The largest score of a pixel, its first class, and the logarithm of the sum of the exponentials.
template <class T>
struct SoftmaxOf {
  T top, log_total;
  int best = 0;

  SoftmaxOf(const T* scores, int channels) : top(scores[0]) {
    for (int c = 1; c < channels; c++)
      if (scores[c] > top) top = scores[c], best = c;
    T total = 0;
    for (int c = 0; c < channels; c++) total += std::exp(scores[c] - top);
    log_total = std::log(total);
  }
  T log_of(T score) const { return score - top - log_total; }
};

template <class T>
void clear_pixel(T* gradient, int channels) {
  for (int c = 0; c < channels; c++) gradient[c] = 0;
}

/// The loss of one pixel; adds `scale` times its gradient.
template <ClassLoss Kind, class T>
double class_loss(const LossTerm& term, const ClassTarget<T>& target, const SoftmaxOf<T>& softmax, const T* scores,
                  T scale, T* gradient) {
  const T focusing = Kind == ClassLoss::focal ? T(term.numbers[1]) : T(0);
  const int channels = target.channels;
  double loss = 0;
  T sum = 0;
  const auto moment = [&](int c, bool counts) {
    const T t = target.of(c), q = term.weights ? T(term.weights[c]) * t : t, log_p = softmax.log_of(scores[c]);
    if (q == 0) return T(0);
    if constexpr (Kind != ClassLoss::focal) {
      if (counts) loss -= double(q) * double(log_p);
      if (Kind == ClassLoss::kullback_leibler && counts) loss += double(q) * std::log(double(t));
      return -q;
    } else {
      const T p = std::exp(log_p), rest = -std::expm1(log_p), power = std::pow(rest, focusing);
      if (counts) loss -= double(q) * double(power) * double(log_p);
      const T slope = focusing == 0 || rest <= 0 ? T(0) : focusing * p * power / rest * log_p;
      return q * (slope - power);
    }
  };
  for (int c = 0; c < channels; c++) sum += moment(c, true);
  for (int c = 0; c < channels; c++)
    gradient[c] += scale * (moment(c, false) - std::exp(softmax.log_of(scores[c])) * sum);
  return loss;
}

/// Counts a pixel.
template <class T>
void count_pixel(const LossTerm& term, const ClassTarget<T>& target, int best, StepResult& sums) {
  sums.weight += !target.floats && term.weights ? double(term.weights[target.label]) : 1;
  sums.correct += best == target.most_probable();
  sums.counted++;
}

template <ClassLoss Kind, class T>
void class_losses(const LossTerm& term, const LossRun<T>& run, StepResult& sums) {
  for (long p = 0; p < run.count; p++) {
    const T* const scores = run.scores + p * run.stride;
    T* const gradient = run.gradient + p * run.stride;
    clear_pixel(gradient, run.channels);
    const ClassTarget<T> target(run, p, Kind == ClassLoss::cross_entropy ? term.numbers[0] : 0);
    if (!target.counts()) continue;
    const SoftmaxOf<T> softmax(scores, run.channels);
    sums.loss += class_loss<Kind>(term, target, softmax, scores, run.scale, gradient);
    count_pixel(term, target, softmax.best, sums);
  }
}

}  // namespace losses

template <ClassLoss Kind>
inline constexpr LossFunction class_loss_function{.name = Kind == ClassLoss::cross_entropy ? "CrossEntropy"
                                                          : Kind == ClassLoss::focal       ? "Focal"
                                                                                           : "KullbackLeibler",
                                                  .targets = Targets::classes,
                                                  .by_value = false,
                                                  .floats = losses::class_losses<Kind, float>,
                                                  .doubles = losses::class_losses<Kind, double>,
                                                  .on_device = Kind == ClassLoss::cross_entropy ? OnDevice::classes
                                                               : Kind == ClassLoss::focal ? OnDevice::focal_classes
                                                                                          : OnDevice::kullback_leibler};

/// numbers[0]: label smoothing.
inline constexpr const LossFunction& cross_entropy_loss = class_loss_function<ClassLoss::cross_entropy>;
/// numbers[1]: focusing.
inline constexpr const LossFunction& focal_loss = class_loss_function<ClassLoss::focal>;
inline constexpr const LossFunction& kullback_leibler_loss = class_loss_function<ClassLoss::kullback_leibler>;

}  // namespace strata::core
