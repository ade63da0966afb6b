// SPDX-License-Identifier: MIT
// The update of one parameter: the formulas of train/sgd.hpp and train/adam.hpp for a float, a vector or a GPU thread.
// The coefficients hold all that depends only on the step and the tensor.
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

/// The formula of one step, in the form that a GPU's update reads.
struct UpdateFormula {
  enum class Kind : unsigned char { own, sgd, adam };  ///< own: neither formula; the optimizer runs only on a CPU
  Kind kind = Kind::own;
  SgdCoefficients sgd{};
  AdamCoefficients adam{};

  UpdateFormula() = default;
  UpdateFormula(const SgdCoefficients& k) : kind(Kind::sgd), sgd(k) {}
  UpdateFormula(const AdamCoefficients& k) : kind(Kind::adam), adam(k) {}
};

}  // namespace strata::core
