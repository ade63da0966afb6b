// SPDX-License-Identifier: MIT
// RMSprop, which divides by the root of a running mean of squared gradients.
#pragma once

#include <strata/train/optimizer.hpp>

namespace strata::training {

/// RMSprop (Hinton, Neural Networks for Machine Learning, lecture 6e) in PyTorch's form, with momentum and centered
/// variance (Graves, arXiv 1308.0850).
/// g = gradient + l2 w; s = a s + (1 - a) g g; q = g / (sqrt(s) + epsilon), or, centered, with c = a c + (1 - a) g,
/// q = g / (sqrt(s - c c) + epsilon); v = m v + q; w -= rate v. MATLAB's solver is that without momentum, a = 0.9.
struct RMSprop {
  Schedule rate = 0.01;                 ///< learning rate
  double alpha = 0.99, epsilon = 1e-8;  ///< a from 0 to below 1, epsilon from 1e-30 to 1e6
  double momentum = 0;                  ///< m, from 0 to below 1; 0 needs no memory
  bool centered = false;                ///< divides by the deviation instead of the root mean square
  double l2 = 0;                        ///< coupled: `l2` w is added to the gradient; from 0 to 1e6
  double decay = 0;                     ///< decoupled: subtracted from the weights, times rate w; from 0 to 1e6

  static constexpr const char* name = "rmsprop";
  static constexpr int slots = 3, squares = 0;
  static constexpr bool layerwise = false;
  /// 1, and 1 more with momentum, and 1 more if centered.
  int used_slots() const { return 1 + (momentum != 0) + centered; }

  void conditions(core::Conditions& out) const {
    const auto& [of_schedule, a, e, m, subtracts_mean, coupled, decoupled] = *this;
    out.add("optimizer.alpha", a), out.add("optimizer.epsilon", e), out.add("optimizer.momentum", m);
    out.add("optimizer.centered", subtracts_mean);
    out.add("optimizer.l2", coupled), out.add("optimizer.decay", decoupled);
  }
  core::RmspropCoefficients coefficients(const Update& u) const {
    return {.alpha = float(alpha),
            .rest = float(1 - alpha),
            .epsilon = float(epsilon),
            .momentum = float(momentum),
            .l2 = float(l2 * u.l2_factor),
            .decoupled_decay = float(decay * u.l2_factor),
            .has_velocity = momentum != 0,
            .centered = centered};
  }

  std::string fault() const {
    return detail::first_fault(
        {detail::unless_within("alpha", alpha, 0, 1), detail::unless_within("epsilon", epsilon, 1e-30, 1e6),
         detail::unless_within("momentum", momentum, 0, 1), detail::unless_within("l2", l2, 0, 1e6),
         detail::unless_within("decay", decay, 0, 1e6)});
  }

  void direction(const Update& u, long n, const float* w, float* g, float* const* state) const {
    const core::RmspropCoefficients k = coefficients(u);
    float *const squares_of = state[0], *const velocity = state[1], *const mean = state[k.has_velocity ? 2 : 1];
    detail::sweep(n, [&](long i, auto tag) STRATA_INLINE_LAMBDA {
      using T = decltype(tag);
      T s = detail::read<T>(squares_of + i), v(0.f), c(0.f);
      if (k.has_velocity) v = detail::read<T>(velocity + i);
      if (k.centered) c = detail::read<T>(mean + i);
      const T d = core::direction_of(k, detail::read<T>(w + i), detail::read<T>(g + i), s, v, c);
      detail::write(squares_of + i, s);
      if (k.has_velocity) detail::write(velocity + i, v);
      if (k.centered) detail::write(mean + i, c);
      detail::write(g + i, d);
    });
  }
};

STRATA_INSTANCE(Optimizer::Optimizer(const RMSprop&));

}  // namespace strata::training
