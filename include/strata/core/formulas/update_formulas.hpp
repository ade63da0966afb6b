// SPDX-License-Identifier: MIT
// The update of one parameter: the formulas of train/sgd.hpp, adam.hpp, rmsprop.hpp, adagrad.hpp and lion.hpp for a
// float, a vector or a GPU thread. The coefficients hold all that depends only on the step and the tensor.
#pragma once

#include <strata/core/formulas/functions.hpp>

namespace strata::core {

using namespace functions;

struct SgdCoefficients {
  float momentum = 0, nesterov = 0;   ///< nesterov: weight of the velocity in Nesterov's direction
  float l2 = 0, decoupled_decay = 0;  ///< coefficients of L2 and of decoupled weight decay
  bool plain = true;                  ///< false: Nesterov's direction
};

/// Returns the update direction of one parameter for gradient `given`, and updates its velocity.
template <class T>
STRATA_DEVICE inline T direction_of(const SgdCoefficients& k, T weight, T given, T& velocity) {
  const T gradient = given + T(k.l2) * weight;
  velocity = T(k.momentum) * velocity + gradient;
  return (k.plain ? velocity : gradient + T(k.nesterov) * velocity) + T(k.decoupled_decay) * weight;
}

struct AdamCoefficients {
  float b1 = 0, c1 = 0, b2 = 0, c2 = 0;     ///< weights of the old and the new value in both averages
  float lead = 0, spread = 0, epsilon = 0;  ///< lead m / (spread sqrt(v) + epsilon)
  float l2 = 0, decoupled_decay = 0;        ///< coefficients of L2 and of decoupled weight decay
};

/// The same for Adam; updates the first and second moments.
template <class T>
STRATA_DEVICE inline T direction_of(const AdamCoefficients& k, T weight, T given, T& first, T& second) {
  const T gradient = given + T(k.l2) * weight;
  first = T(k.b1) * first + T(k.c1) * gradient;
  second = T(k.b2) * second + T(k.c2) * gradient * gradient;
  return T(k.lead) * first / (T(k.spread) * square_root(second) + T(k.epsilon)) + T(k.decoupled_decay) * weight;
}

struct RmspropCoefficients {
  float alpha = 0, rest = 0;          ///< weights of the old and the new value in both averages
  float epsilon = 0, momentum = 0;    ///< of the root, of the velocity
  float l2 = 0, decoupled_decay = 0;  ///< coefficients of L2 and of decoupled weight decay
  bool has_velocity = false;          ///< the second slot is the velocity
  bool centered = false;              ///< the last slot is the mean, whose square is subtracted
};

/// The same for RMSprop; updates the averages of the squares and of the gradients, and the velocity. Rounding may make
/// the variance of a centered one negative: it counts as 0.
template <class T>
STRATA_DEVICE inline T direction_of(const RmspropCoefficients& k, T weight, T given, T& squares, T& velocity, T& mean) {
  const T gradient = given + T(k.l2) * weight;
  squares = T(k.alpha) * squares + T(k.rest) * gradient * gradient;
  mean = T(k.alpha) * mean + T(k.rest) * gradient;
  const T spread = k.centered ? maximum(squares - mean * mean, T(0.f)) : squares;
  velocity = gradient / (square_root(spread) + T(k.epsilon)) + T(k.momentum) * velocity;
  return velocity + T(k.decoupled_decay) * weight;
}

struct AdagradCoefficients {
  float lead = 1, initial = 0, epsilon = 0;  ///< lead g / (sqrt(initial + sum) + epsilon)
  float l2 = 0, decoupled_decay = 0;         ///< coefficients of L2 and of decoupled weight decay
};

/// The same for Adagrad; updates the sum of the squares.
template <class T>
STRATA_DEVICE inline T direction_of(const AdagradCoefficients& k, T weight, T given, T& sum) {
  const T gradient = given + T(k.l2) * weight;
  sum = sum + gradient * gradient;
  return T(k.lead) * gradient / (square_root(T(k.initial) + sum) + T(k.epsilon)) + T(k.decoupled_decay) * weight;
}

struct LionCoefficients {
  float b1 = 0, c1 = 0, b2 = 0, c2 = 0;  ///< weights of the momentum and the gradient, in the sign and in the momentum
  float decoupled_decay = 0;             ///< coefficient of decoupled weight decay
};

/// The same for Lion; updates the momentum. NaN where the gradient is not finite.
template <class T>
STRATA_DEVICE inline T direction_of(const LionCoefficients& k, T weight, T gradient, T& momentum) {
  const T mixed = T(k.b1) * momentum + T(k.c1) * gradient;
  momentum = T(k.b2) * momentum + T(k.c2) * gradient;
  const T sign = where_positive(mixed, T(1.f), T(0.f)) - where_positive(-mixed, T(1.f), T(0.f));
  return sign + (mixed - mixed) + T(k.decoupled_decay) * weight;
}

/// The average after one more number: a model of weight 1 replaces an average of 0.
template <class T>
STRATA_DEVICE inline T averaged(T average, T now, T weight) {
  return average + weight * (now - average);
}

/// The formula of one step, in the form that a GPU's update reads.
struct UpdateFormula {
  /// own: none of these formulas; the optimizer runs only on a CPU.
  enum class Kind : unsigned char { own, sgd, adam, rmsprop, adagrad, lion };
  Kind kind = Kind::own;
  SgdCoefficients sgd{};
  AdamCoefficients adam{};
  RmspropCoefficients rmsprop{};
  AdagradCoefficients adagrad{};
  LionCoefficients lion{};

  UpdateFormula() = default;
  UpdateFormula(const SgdCoefficients& k) : kind(Kind::sgd), sgd(k) {}
  UpdateFormula(const AdamCoefficients& k) : kind(Kind::adam), adam(k) {}
  UpdateFormula(const RmspropCoefficients& k) : kind(Kind::rmsprop), rmsprop(k) {}
  UpdateFormula(const AdagradCoefficients& k) : kind(Kind::adagrad), adagrad(k) {}
  UpdateFormula(const LionCoefficients& k) : kind(Kind::lion), lion(k) {}
};

}  // namespace strata::core
