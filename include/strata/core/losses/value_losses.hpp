// SPDX-License-Identifier: MIT
// Losses of single values: the loss f of a score y and its target t, and df, its derivative by y. numbers are those of
// the LossTerm; positive is the weight where the target is 1.
//   squared       (y - t)^2
//   absolute      |y - t|
//   huber         d^2 / 2 if |d| <= numbers[0], else numbers[0] (|d| - numbers[0] / 2), of d = y - t
//   logistic      -positive t log s - (1 - t) log(1 - s), of s = sigmoid(y)
//   probability   the same of s = y, where logarithms are at least -100
//   focal         (1 - p)^g a logistic, of p = s t + (1 - s)(1 - t), g = numbers[1],
//                 a = n t + (1 - n)(1 - t), n = numbers[0]; a = 1 if n < 0
//   divergence    t (log t - y), where y is the logarithm of a probability
#pragma once

#include <cmath>

#include <strata/core/device.hpp>
#include <strata/core/losses/loss_term.hpp>
#include <strata/core/losses/step_result.hpp>

namespace strata::core {

namespace losses {

/// The numbers of a loss at one value.
template <class T>
struct ValueNumbers {
  T first = 0, second = 0, positive = 1;
};

struct squared {
  template <class T>
  STRATA_DEVICE static T f(T y, T t, const ValueNumbers<T>&) {
    return (y - t) * (y - t);
  }
  template <class T>
  STRATA_DEVICE static T df(T y, T t, const ValueNumbers<T>&) {
    return 2 * (y - t);
  }
};

struct absolute {
  template <class T>
  STRATA_DEVICE static T f(T y, T t, const ValueNumbers<T>&) {
    return std::fabs(y - t);
  }
  template <class T>
  STRATA_DEVICE static T df(T y, T t, const ValueNumbers<T>&) {
    return T(y > t) - T(y < t);
  }
};

struct huber {
  template <class T>
  STRATA_DEVICE static T f(T y, T t, const ValueNumbers<T>& n) {
    const T d = std::fabs(y - t);
    return d <= n.first ? T(0.5) * d * d : n.first * (d - T(0.5) * n.first);
  }
  template <class T>
  STRATA_DEVICE static T df(T y, T t, const ValueNumbers<T>& n) {
    const T d = y - t;
    return d > n.first ? n.first : d < -n.first ? -n.first : d;
  }
};

template <class T>
STRATA_DEVICE T sigmoid_of(T y) {
  return 1 / (1 + std::exp(-y));
}

struct logistic {
  template <class T>
  STRATA_DEVICE static T f(T y, T t, const ValueNumbers<T>& n) {
    const T softplus = std::log1p(std::exp(-std::fabs(y))) + (y < 0 ? -y : T(0));  // log(1 + exp(-y))
    return (1 - t) * y + (1 + (n.positive - 1) * t) * softplus;
  }
  template <class T>
  STRATA_DEVICE static T df(T y, T t, const ValueNumbers<T>& n) {
    return (1 - t) - (1 + (n.positive - 1) * t) * sigmoid_of(-y);
  }
};

struct probability {
  template <class T>
  STRATA_DEVICE static T f(T y, T t, const ValueNumbers<T>& n) {
    const T yes = std::log(y), no = std::log1p(-y);
    return -n.positive * t * (yes > -100 ? yes : T(-100)) - (1 - t) * (no > -100 ? no : T(-100));
  }
  template <class T>
  STRATA_DEVICE static T df(T y, T t, const ValueNumbers<T>& n) {
    const T both = y * (1 - y);
    return ((1 - t) * y - n.positive * t * (1 - y)) / (both > T(1e-12) ? both : T(1e-12));
  }
};

struct focal {
  template <class T>
  STRATA_DEVICE static T share(T t, const ValueNumbers<T>& n) {
    return n.first < 0 ? T(1) : n.first * t + (1 - n.first) * (1 - t);
  }
  /// 1 - p: how far the probability is from the target.
  template <class T>
  STRATA_DEVICE static T miss(T y, T t) {
    return t * sigmoid_of(-y) + (1 - t) * sigmoid_of(y);
  }
  template <class T>
  STRATA_DEVICE static T f(T y, T t, const ValueNumbers<T>& n) {
    return share(t, n) * std::pow(miss(y, t), n.second) * logistic::f(y, t, n);
  }
  template <class T>
  STRATA_DEVICE static T df(T y, T t, const ValueNumbers<T>& n) {
    const T missed = miss(y, t), power = std::pow(missed, n.second);
    const T slope = sigmoid_of(y) * sigmoid_of(-y) * (1 - 2 * t);  // of `missed`
    const T steeper = missed > 0 && n.second != 0 ? n.second * power / missed * slope * logistic::f(y, t, n) : T(0);
    return share(t, n) * (power * logistic::df(y, t, n) + steeper);
  }
};

struct divergence {
  template <class T>
  STRATA_DEVICE static T f(T y, T t, const ValueNumbers<T>&) {
    return t > 0 ? t * (std::log(t) - y) : T(0);
  }
  template <class T>
  STRATA_DEVICE static T df(T, T t, const ValueNumbers<T>&) {
    return t > 0 ? -t : T(0);
  }
};

/// f of a loss that a GPU computes, or df if `slope`.
template <class T>
STRATA_DEVICE T at_value(OnDevice loss, bool slope, T y, T t, const ValueNumbers<T>& n) {
  switch (loss) {
    case OnDevice::none:
    case OnDevice::classes:
    case OnDevice::focal_classes:
    case OnDevice::kullback_leibler:
    case OnDevice::dice:
    case OnDevice::binary_dice: break;
    case OnDevice::squared: return slope ? squared::df(y, t, n) : squared::f(y, t, n);
    case OnDevice::absolute: return slope ? absolute::df(y, t, n) : absolute::f(y, t, n);
    case OnDevice::huber: return slope ? huber::df(y, t, n) : huber::f(y, t, n);
    case OnDevice::logistic: return slope ? logistic::df(y, t, n) : logistic::f(y, t, n);
    case OnDevice::probability: return slope ? probability::df(y, t, n) : probability::f(y, t, n);
    case OnDevice::focal: return slope ? focal::df(y, t, n) : focal::f(y, t, n);
    case OnDevice::divergence: return slope ? divergence::df(y, t, n) : divergence::f(y, t, n);
  }
  return 0;
}

/// A user's functor, whose f and df take a score and its target.
template <class F>
struct own {
  template <class T>
  STRATA_DEVICE static T f(T y, T t, const ValueNumbers<T>&) {
    return F::f(y, t);
  }
  template <class T>
  STRATA_DEVICE static T df(T y, T t, const ValueNumbers<T>&) {
    return F::df(y, t);
  }
};

/// Threshold: of a decision, above which a score means yes; 0 is that of a logarithm of odds.
template <class F, class T>
void value_losses(const LossTerm& term, const LossRun<T>& run, StepResult& sums) {
  double loss = 0, weight = 0;
  long counted = 0, correct = 0;
  const T threshold = T(term.function->threshold);
  for (long p = 0; p < run.count; p++)
    for (int c = 0; c < run.channels; c++) {
      const float target = run.targets[p * run.channels + c];
      const T y = run.scores[p * run.stride + c], t = T(target);
      T& gradient = run.gradient[p * run.stride + c];
      if (is_missing(target)) {
        gradient = 0;
        continue;
      }
      const ValueNumbers<T> numbers{T(term.numbers[0]), T(term.numbers[1]),
                                    term.positive_weights ? T(term.positive_weights[c]) : T(1)};
      const T w = term.weights ? T(term.weights[c]) : T(1);
      loss += double(w * F::f(y, t, numbers));
      weight += double(w);
      counted++;
      correct += (y > threshold) == (t > T(0.5));
      gradient = run.scale * w * F::df(y, t, numbers);
    }
  sums.loss += loss, sums.weight += weight, sums.counted += counted;
  if (term.function->decides) sums.correct += correct;
}

template <class F>
constexpr LossFunction value_loss(const char* name, OnDevice on_device = OnDevice::none,
                                  Targets targets = Targets::values, bool decides = false, double threshold = 0) {
  return {.name = name,
          .targets = targets,
          .decides = decides,
          .threshold = threshold,
          .floats = value_losses<F, float>,
          .doubles = value_losses<F, double>,
          .on_device = on_device};
}

}  // namespace losses

inline constexpr LossFunction squared_loss = losses::value_loss<losses::squared>("MeanSquaredError", OnDevice::squared);
inline constexpr LossFunction absolute_loss =
    losses::value_loss<losses::absolute>("MeanAbsoluteError", OnDevice::absolute);
/// numbers[0]: where the loss becomes linear.
inline constexpr LossFunction huber_loss = losses::value_loss<losses::huber>("Huber", OnDevice::huber);
inline constexpr LossFunction logistic_loss =
    losses::value_loss<losses::logistic>("BinaryCrossEntropy", OnDevice::logistic, Targets::probabilities, true);
inline constexpr LossFunction probability_loss = losses::value_loss<losses::probability>(
    "BinaryCrossEntropy", OnDevice::probability, Targets::probabilities, true, 0.5);
/// numbers[0]: the weight of positive targets, or -1 for none; numbers[1]: focusing.
inline constexpr LossFunction binary_focal_loss =
    losses::value_loss<losses::focal>("Focal", OnDevice::focal, Targets::probabilities, true);
inline constexpr LossFunction divergence_loss =
    losses::value_loss<losses::divergence>("KullbackLeibler", OnDevice::divergence, Targets::probabilities);

}  // namespace strata::core
