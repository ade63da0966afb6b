// SPDX-License-Identifier: MIT
// Adagrad, which divides by the root of the sum of all squared gradients.
#pragma once

#include <strata/train/optimizer.hpp>

namespace strata::training {

/// Adagrad (Duchi, Hazan and Singer, JMLR 12, 2011) in PyTorch's form.
/// g = gradient + l2 w; s = s + g g; in update t = 1, 2, ..., w -= rate / (1 + (t - 1) rate_decay) g / (sqrt(initial +
/// s) + epsilon).
struct Adagrad {
  Schedule rate = 0.01;    ///< learning rate
  double rate_decay = 0;   ///< PyTorch's lr_decay, from 0 to 1e6
  double initial = 0;      ///< PyTorch's initial_accumulator_value, from 0 to 1e6
  double epsilon = 1e-10;  ///< from 1e-30 to 1e6
  double l2 = 0;           ///< coupled: `l2` w is added to the gradient; from 0 to 1e6
  double decay = 0;        ///< decoupled: subtracted from the weights, times rate w; from 0 to 1e6

  static constexpr const char* name = "adagrad";
  static constexpr int slots = 1, squares = 0;
  static constexpr bool layerwise = false;

  void conditions(core::Conditions& out) const {
    const auto& [of_schedule, falls, first, e, coupled, decoupled] = *this;
    out.add("optimizer.rate_decay", falls), out.add("optimizer.initial", first), out.add("optimizer.epsilon", e);
    out.add("optimizer.l2", coupled), out.add("optimizer.decay", decoupled);
  }
  core::AdagradCoefficients coefficients(const Update& u) const {
    return {.lead = float(1 / (1 + double(u.step - 1) * rate_decay)),
            .initial = float(initial),
            .epsilon = float(epsilon),
            .l2 = float(l2 * u.l2_factor),
            .decoupled_decay = float(decay * u.l2_factor)};
  }

  std::string fault() const {
    return detail::first_fault(
        {detail::unless_within("rate_decay", rate_decay, 0, 1e6), detail::unless_within("initial", initial, 0, 1e6),
         detail::unless_within("epsilon", epsilon, 1e-30, 1e6), detail::unless_within("l2", l2, 0, 1e6),
         detail::unless_within("decay", decay, 0, 1e6)});
  }

  void direction(const Update& u, long n, const float* w, float* g, float* const* state) const {
    detail::replace_by_directions(coefficients(u), n, w, g, state[0]);
  }
};

STRATA_INSTANCE(Optimizer::Optimizer(const Adagrad&));

}  // namespace strata::training
