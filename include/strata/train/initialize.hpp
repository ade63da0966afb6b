// SPDX-License-Identifier: MIT
// Initial values of parameters and buffers, a function of the seed, the tensor's index in the table and the element.
// Biases and shifts are 0, scales 1; running means 0, variances 1; input scale 1, shift 0.
#pragma once

#include <cmath>

#include <strata/core/compile_once.hpp>
#include <strata/core/random.hpp>
#include <strata/graph/declared/network_tables.hpp>

namespace strata::training {

/// The distribution of the initial weights. fan_in and fan_out are the inputs of an output and the outputs of an input;
/// for a convolution, channels times taps of the kernel.
enum class Initialize : unsigned char {
  glorot,     ///< uniform in +- sqrt(6 / (fan_in + fan_out)), MATLAB's default (Glorot and Bengio, AISTATS 2010)
  he,         ///< normal with variance 2 / fan_in (He et al., arXiv 1502.01852)
  he_fan_out  ///< normal with variance 2 / fan_out
};
/// @deprecated Write Initialize.
using Initialise [[deprecated("strata: Initialise is now Initialize")]] = Initialize;

namespace detail {

STRATA_ONCE void initialize(const graph::Tensor* table, int tensors, float* floats, std::uint64_t seed, Initialize how);

#if STRATA_HAS_BODIES

/// Standard normal (Box, Muller 1958); 1 - u is in (0, 1].
inline double normal(std::uint64_t seed, std::uint64_t counter) {
  const double u = 1 - double(core::uniform(seed, 2 * counter)), v = double(core::uniform(seed, 2 * counter + 1));
  return std::sqrt(-2 * std::log(u)) * std::cos(6.283185307179586 * v);
}

STRATA_ONCE void initialize(const graph::Tensor* table, int tensors, float* floats, std::uint64_t seed,
                            Initialize how) {
  using graph::Role;
  for (int t = 0; t < tensors; t++) {
    const graph::Tensor& tensor = table[t];
    float* x = floats + tensor.offset;
    const std::uint64_t own = core::mix(seed, std::uint64_t(t));
    const double bound = std::sqrt(6. / (double(tensor.fan_in) + tensor.fan_out));
    const double deviation = std::sqrt(2. / (how == Initialize::he ? tensor.fan_in : tensor.fan_out));
    const bool one = tensor.role == Role::scale || tensor.role == Role::running_var || tensor.role == Role::input_scale;
    for (int i = 0; i < tensor.size; i++) {
      if (tensor.role == Role::slope) x[i] = 0.25f;
      else if (tensor.role != Role::weight) x[i] = one ? 1.f : 0.f;
      else if (how == Initialize::glorot) x[i] = float(bound * (2 * double(core::uniform(own, std::uint64_t(i))) - 1));
      else x[i] = float(deviation * normal(own, std::uint64_t(i)));
    }
  }
}

#endif  // STRATA_HAS_BODIES

}  // namespace detail
}  // namespace strata::training

namespace strata {
using training::Initialize;
}  // namespace strata
