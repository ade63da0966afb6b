// SPDX-License-Identifier: MIT
// mixup (Zhang et al., arXiv 1710.09412): a sample becomes share times itself plus (1 - share) times another one, and
// so do its targets, where the share is drawn from Beta(alpha, alpha).
#pragma once

#include <cmath>
#include <concepts>
#include <cstdint>
#include <numbers>

#include <strata/core/random.hpp>
#include <strata/data/sample_change.hpp>

namespace strata::data {

/// Which sample is mixed in, and how much of the first one stays.
struct Mixture {
  int other = 0;     ///< the number of the sample that is mixed in
  double share = 1;  ///< of the sample itself, from 0 to 1
};

namespace detail {

/// Uniform in (0, 1), without its ends.
inline double open_uniform(core::Random& random) { return (double(random.next() >> 12) + 0.5) * 0x1p-52; }

/// The logarithm of a number from the gamma distribution of this shape (Marsaglia and Tsang 2000).
inline double log_of_gamma(double shape, core::Random& random) {
  if (shape < 1) {
    const double power = std::log(open_uniform(random)) / shape;
    return log_of_gamma(shape + 1, random) + power;
  }
  const double d = shape - 1 / 3.0, c = 1 / std::sqrt(9 * d);
  for (;;) {
    const double u = open_uniform(random), v = open_uniform(random);
    const double normal = std::sqrt(-2 * std::log(u)) * std::cos(2 * std::numbers::pi * v);
    const double cube = std::pow(1 + c * normal, 3);
    const double chance = open_uniform(random);
    if (cube > 0 && std::log(chance) < normal * normal / 2 + d - d * cube + d * std::log(cube))
      return std::log(d * cube);
  }
}

}  // namespace detail

/// Draws what is mixed with sample number `sample` of `count` in the epoch of `seed`; alpha > 0.
inline Mixture draw_mixture(double alpha, int count, std::uint64_t seed, std::uint64_t sample) {
  core::Random random = detail::stream_of(seed, sample, detail::Drawn::mixup);
  Mixture out;
  out.other = int(random.below(std::uint64_t(count)));
  const double own = detail::log_of_gamma(alpha, random), others = detail::log_of_gamma(alpha, random);
  out.share = 1 / (1 + std::exp(others - own));
  return out;
}

/// mixed[i] = share mixed[i] + (1 - share) other[i], of bytes or floats.
template <class Number>
void mix_in(double share, const Number* other, long numbers, Number* mixed) {
  const float own = float(share), rest = float(1 - share), half = std::same_as<Number, float> ? 0.f : 0.5f;
  for (long i = 0; i < numbers; i++) mixed[i] = Number(own * float(mixed[i]) + rest * float(other[i]) + half);
}

}  // namespace strata::data
