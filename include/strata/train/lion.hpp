// SPDX-License-Identifier: MIT
// Lion, whose steps have the same size for all parameters.
#pragma once

#include <strata/train/optimizer.hpp>

namespace strata::training {

/// Lion, with decoupled weight decay (Chen et al., Symbolic Discovery of Optimization Algorithms, arXiv 2302.06675).
/// w -= rate (sign(b1 m + (1 - b1) g) + decay w), then m = b2 m + (1 - b2) g. The sign of 0 is 0. Rates are a third to
/// a tenth of AdamW's, and decays larger by as much.
struct Lion {
  Schedule rate = 0.0001;            ///< learning rate
  double beta1 = 0.9, beta2 = 0.99;  ///< b1 and b2 from 0 to below 1
  double decay = 0;                  ///< decoupled: subtracted from the weights, times rate w; from 0 to 1e6

  static constexpr const char* name = "lion";
  static constexpr int slots = 1;
  static constexpr bool layerwise = false;

  void conditions(core::Conditions& out) const {
    const auto& [of_schedule, b1, b2, decoupled] = *this;
    out.add("optimizer.beta1", b1), out.add("optimizer.beta2", b2), out.add("optimizer.decay", decoupled);
  }
  core::LionCoefficients coefficients(const Update& u) const {
    return {.b1 = float(beta1),
            .c1 = float(1 - beta1),
            .b2 = float(beta2),
            .c2 = float(1 - beta2),
            .decoupled_decay = float(decay * u.l2_factor)};
  }

  std::string fault() const {
    return detail::first_fault({detail::unless_within("beta1", beta1, 0, 1),
                                detail::unless_within("beta2", beta2, 0, 1),
                                detail::unless_within("decay", decay, 0, 1e6)});
  }

  void direction(const Update& u, long n, const float* w, float* g, float* const* state) const {
    detail::replace_by_directions(coefficients(u), n, w, g, state[0]);
  }
};

STRATA_INSTANCE(Optimizer::Optimizer(const Lion&));

}  // namespace strata::training
