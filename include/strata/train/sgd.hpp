// SPDX-License-Identifier: MIT
// Stochastic gradient descent.
#pragma once

#include <strata/core/formulas/update_formulas.hpp>
#include <strata/train/optimizer.hpp>

namespace strata::training {

/// PyTorch's formula (torch) or MATLAB's (matlab), where the two differ.
enum class Form : unsigned char { torch, matlab };

/// Stochastic gradient descent with momentum m, optionally Nesterov's.
/// g = gradient + l2 w. PyTorch: v = m v + g, w -= rate v, or with Nesterov's w -= rate (g + m v). MATLAB: v = m v +
/// rate g, w -= v, which is the same at a constant rate. Decoupled decay adds `decay` w to the direction.
struct Sgd {
  Schedule rate = 0.01;     ///< learning rate
  double momentum = 0.9;    ///< m, from 0 to below 1
  bool nesterov = false;    ///< Nesterov's momentum
  double l2 = 0;            ///< coupled: `l2` w is added to the gradient; from 0 to 1e6
  double decay = 0;         ///< decoupled: subtracted from the weights, times rate w; from 0 to 1e6
  Form form = Form::torch;  ///< whose formula

  static constexpr const char* name = "sgd";
  static constexpr int slots = 1;
  static constexpr bool layerwise = false;

  void conditions(core::Conditions& out) const {
    const auto& [of_schedule, m, looks_ahead, coupled, decoupled, whose] = *this;
    out.add("optimizer.momentum", m), out.add("optimizer.nesterov", looks_ahead);
    out.add("optimizer.l2", coupled), out.add("optimizer.decay", decoupled);
    out.add("optimizer.form", whose == Form::torch ? "torch" : "matlab");
  }
  core::SgdCoefficients coefficients(const Update& u) const {
    const double ratio = form == Form::torch || u.rate == 0 ? 1 : u.previous_rate / u.rate;
    return {float(momentum * ratio), float(nesterov ? momentum : 0), float(l2 * u.l2_factor),
            float(decay * u.l2_factor), !nesterov};
  }

  std::string fault() const {
    return detail::first_fault({detail::unless_within("momentum", momentum, 0, 1),
                                detail::unless_within("l2", l2, 0, 1e6),
                                detail::unless_within("decay", decay, 0, 1e6)});
  }

  void direction(const Update& u, long n, const float* w, float* g, float* const* state) const {
    detail::replace_by_directions(coefficients(u), n, w, g, state[0]);
  }
};

STRATA_INSTANCE(Optimizer::Optimizer(const Sgd&));

}  // namespace strata::training

namespace strata {
using training::Sgd;
}  // namespace strata
