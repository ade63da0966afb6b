// SPDX-License-Identifier: MIT
// Adam and its relatives, which divide by the root of a running mean of squared gradients.
#pragma once

#include <cmath>

#include <strata/train/sgd.hpp>

namespace strata::training {

namespace detail {

struct AdamNumbers {
  double beta1, beta2, epsilon, l2, decay;
  Form form;
};

STRATA_ONCE std::string fault_of(const AdamNumbers& a);
STRATA_ONCE core::AdamCoefficients adam_coefficients(const AdamNumbers& a, const Update& u);
STRATA_ONCE void adam_direction(const core::AdamCoefficients& k, long n, const float* w, float* g, float* const* state);

#if STRATA_HAS_BODIES

STRATA_ONCE std::string fault_of(const AdamNumbers& a) {
  return first_fault({unless_within("beta1", a.beta1, 0, 1), unless_within("beta2", a.beta2, 0, 1),
                      unless_within("epsilon", a.epsilon, 1e-30, 1e6), unless_within("l2", a.l2, 0, 1e6),
                      unless_within("decay", a.decay, 0, 1e6)});
}

STRATA_ONCE core::AdamCoefficients adam_coefficients(const AdamNumbers& a, const Update& u) {
  const double correct1 = 1 - std::pow(a.beta1, double(u.step)), correct2 = 1 - std::pow(a.beta2, double(u.step));
  const bool torch = a.form == Form::torch;
  return {.b1 = float(a.beta1),
          .c1 = float(1 - a.beta1),
          .b2 = float(a.beta2),
          .c2 = float(1 - a.beta2),
          .lead = float(torch ? 1 / correct1 : std::sqrt(correct2) / correct1),
          .spread = float(torch ? 1 / std::sqrt(correct2) : 1),
          .epsilon = float(a.epsilon),
          .l2 = float(a.l2 * u.l2_factor),
          .decoupled_decay = float(a.decay * u.l2_factor)};
}

STRATA_ONCE void adam_direction(const core::AdamCoefficients& k, long n, const float* w, float* g,
                                float* const* state) {
  replace_by_directions(k, n, w, g, state[0], state[1]);
}

#endif  // STRATA_HAS_BODIES

}  // namespace detail

/// Adam (Kingma and Ba, arXiv 1412.6980) with coupled L2, in PyTorch's or MATLAB's form.
/// g = gradient + l2 w; m = b1 m + (1 - b1) g; v = b2 v + (1 - b2) g g; w -= rate d. In update t = 1, 2, ...,
/// d = (m / (1 - b1^t)) / (sqrt(v / (1 - b2^t)) + epsilon); MATLAB's is sqrt(1 - b2^t) / (1 - b1^t) m / (sqrt(v) +
/// epsilon).
struct Adam {
  Schedule rate = 0.001;                              ///< learning rate
  double beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8;  ///< b1 and b2 from 0 to below 1, epsilon from 1e-30 to 1e6
  double l2 = 0;                                      ///< coupled: `l2` w is added to the gradient; from 0 to 1e6
  Form form = Form::torch;                            ///< whose formula

  static constexpr const char* name = "adam";
  static constexpr int slots = 2, squares = 1;
  static constexpr bool layerwise = false;

  void conditions(core::Conditions& out) const {
    const auto& [of_schedule, b1, b2, e, coupled, whose] = *this;
    out.add("optimizer.beta1", b1), out.add("optimizer.beta2", b2), out.add("optimizer.epsilon", e);
    out.add("optimizer.l2", coupled), out.add("optimizer.form", whose == Form::torch ? "torch" : "matlab");
  }
  core::AdamCoefficients coefficients(const Update& u) const {
    return detail::adam_coefficients({beta1, beta2, epsilon, l2, 0, form}, u);
  }
  std::string fault() const { return detail::fault_of({beta1, beta2, epsilon, l2, 0, form}); }
  void direction(const Update& u, long n, const float* w, float* g, float* const* state) const {
    detail::adam_direction(coefficients(u), n, w, g, state);
  }
};

/// Adam with decoupled weight decay (Loshchilov and Hutter, arXiv 1711.05101): w -= rate (d + decay w).
struct AdamW {
  Schedule rate = 0.001;                              ///< learning rate
  double beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8;  ///< b1 and b2 from 0 to below 1, epsilon from 1e-30 to 1e6
  double decay = 0.01;  ///< decoupled: subtracted from the weights, times rate w; from 0 to 1e6

  static constexpr const char* name = "adamw";
  static constexpr int slots = 2, squares = 1;
  static constexpr bool layerwise = false;

  void conditions(core::Conditions& out) const {
    const auto& [of_schedule, b1, b2, e, decoupled] = *this;
    out.add("optimizer.beta1", b1), out.add("optimizer.beta2", b2), out.add("optimizer.epsilon", e);
    out.add("optimizer.decay", decoupled);
  }
  core::AdamCoefficients coefficients(const Update& u) const {
    return detail::adam_coefficients({beta1, beta2, epsilon, 0, decay, Form::torch}, u);
  }
  std::string fault() const { return detail::fault_of({beta1, beta2, epsilon, 0, decay, Form::torch}); }
  void direction(const Update& u, long n, const float* w, float* g, float* const* state) const {
    detail::adam_direction(coefficients(u), n, w, g, state);
  }
};

/// AdamW with each tensor's step scaled to the length rate |w| (You et al., arXiv 1904.00962), for large batches:
/// w -= rate |w| / |d + decay w| (d + decay w). Where a tensor or its direction is zero, the step is not scaled.
struct Lamb {
  Schedule rate = 0.001;                              ///< learning rate
  double beta1 = 0.9, beta2 = 0.999, epsilon = 1e-6;  ///< b1 and b2 from 0 to below 1, epsilon from 1e-30 to 1e6
  double decay = 0.01;                                ///< decoupled, as in AdamW; from 0 to 1e6

  static constexpr const char* name = "lamb";
  static constexpr int slots = 2, squares = 1;
  static constexpr bool layerwise = true;

  void conditions(core::Conditions& out) const {
    const auto& [of_schedule, b1, b2, e, decoupled] = *this;
    out.add("optimizer.beta1", b1), out.add("optimizer.beta2", b2), out.add("optimizer.epsilon", e);
    out.add("optimizer.decay", decoupled);
  }
  core::AdamCoefficients coefficients(const Update& u) const {
    return detail::adam_coefficients({beta1, beta2, epsilon, 0, decay, Form::torch}, u);
  }
  std::string fault() const { return detail::fault_of({beta1, beta2, epsilon, 0, decay, Form::torch}); }
  void direction(const Update& u, long n, const float* w, float* g, float* const* state) const {
    detail::adam_direction(coefficients(u), n, w, g, state);
  }
};

STRATA_INSTANCE(Optimizer::Optimizer(const Adam&));
STRATA_INSTANCE(Optimizer::Optimizer(const AdamW&));
STRATA_INSTANCE(Optimizer::Optimizer(const Lamb&));

}  // namespace strata::training

namespace strata {
using training::Adam;
using training::AdamW;
using training::Lamb;
}  // namespace strata
