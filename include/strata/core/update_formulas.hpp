// SPDX-License-Identifier: MIT
// What an update does to one parameter: the formulas of train/sgd.hpp and train/adam.hpp for a float, a vector or a thread
// of a GPU. Whatever depends on the step and the tensor alone stands in the coefficients.
#pragma once

#include <strata/core/functions.hpp>

namespace strata {

struct SgdCoefficients {
  float momentum = 0, ahead = 0;   ///< ahead: of the velocity in Nesterov's direction
  float couple = 0, apart = 0;     ///< l2, and decoupled decay
  bool plain = true;               ///< not Nesterov's
};

/// The direction of one parameter; its velocity becomes that of this step.
template <class T>
STRATA_DEVICE inline T direction_of(const SgdCoefficients& k, T weight, T given, T& velocity) {
  const T gradient = given + T(k.couple) * weight;
  velocity = T(k.momentum) * velocity + gradient;
  return (k.plain ? velocity : gradient + T(k.ahead) * velocity) + T(k.apart) * weight;
}

struct AdamCoefficients {
  float b1 = 0, c1 = 0, b2 = 0, c2 = 0;          ///< shares of the old and the new in both averages
  float lead = 0, spread = 0, epsilon = 0;       ///< lead m / (spread sqrt(v) + epsilon)
  float couple = 0, apart = 0;                   ///< l2, and decoupled decay
};

template <class T>
STRATA_DEVICE inline T direction_of(const AdamCoefficients& k, T weight, T given, T& first, T& second) {
  const T gradient = given + T(k.couple) * weight;
  first = T(k.b1) * first + T(k.c1) * gradient;
  second = T(k.b2) * second + T(k.c2) * gradient * gradient;
  return T(k.lead) * first / (T(k.spread) * square_root(second) + T(k.epsilon)) + T(k.apart) * weight;
}

/// The formula of one step, as a GPU's update reads it.
struct UpdateFormula {
  enum class Kind : unsigned char { own, sgd, adam };  ///< own: none of these; the optimizer runs on a CPU alone
  Kind kind = Kind::own;
  SgdCoefficients sgd{};
  AdamCoefficients adam{};

  UpdateFormula() = default;
  UpdateFormula(const SgdCoefficients& k) : kind(Kind::sgd), sgd(k) {}
  UpdateFormula(const AdamCoefficients& k) : kind(Kind::adam), adam(k) {}
};

}  // namespace strata
