// SPDX-License-Identifier: MIT
// The parts of batch norm: moments of a batch, z = scale xhat + shift with xhat = (x - mean) inv_std, and its
// gradients.
#pragma once

#include <strata/reference/map.hpp>

#include <cmath>

namespace strata::reference {

/// Mean and variance of each channel, accumulated image by image with Welford's update, which is accurate for any mean.
struct Moments {
  explicit Moments(int channels = 0)
      : mean(std::size_t(channels)), squares(std::size_t(channels)), count(std::size_t(channels)) {}

  void add(Map x) {
    for (int c = 0; c < x.shape.channels; c++)
      for (int p = 0; p < x.shape.pixels(); p++) {
        const double value = x[long(c) * x.shape.pixels() + p], before = value - mean[std::size_t(c)];
        mean[std::size_t(c)] += before / double(++count[std::size_t(c)]);
        squares[std::size_t(c)] += before * (value - mean[std::size_t(c)]);
      }
  }
  /// The variance of the batch itself: divided by n.
  double variance(int c) const { return squares[std::size_t(c)] / double(count[std::size_t(c)]); }
  /// The variance estimated for the population: divided by n - 1. For a single element it is 0.
  double unbiased(int c) const {
    return count[std::size_t(c)] > 1 ? squares[std::size_t(c)] / double(count[std::size_t(c)] - 1) : 0;
  }

  Doubles mean, squares;
  std::vector<long> count;
};

/// running = (1 - momentum) running + momentum batch; running: mean[C], variance[C]
inline void move_statistics(const Moments& m, double momentum, double* running) {
  const int channels = int(m.mean.size());
  for (int c = 0; c < channels; c++) {
    running[c] += momentum * (m.mean[std::size_t(c)] - running[c]);
    running[channels + c] += momentum * (m.unbiased(c) - running[channels + c]);
  }
}

/// statistics: mean[C], inv_std[C]
inline void inverse_deviations(const Moments& m, double epsilon, double* statistics) {
  const int channels = int(m.mean.size());
  for (int c = 0; c < channels; c++) {
    statistics[c] = m.mean[std::size_t(c)];
    statistics[channels + c] = 1 / std::sqrt(m.variance(c) + epsilon);
  }
}

/// The same from running statistics: mean[C], variance[C].
inline void running_statistics(const double* running, int channels, double epsilon, double* statistics) {
  for (int c = 0; c < channels; c++) {
    statistics[c] = running[c];
    statistics[channels + c] = 1 / std::sqrt(running[channels + c] + epsilon);
  }
}

/// z = scale (x - mean) inv_std + shift; scale and shift: null without them
inline void normalize(const double* statistics, const double* scale, const double* shift, Map x, Map z) {
  const int channels = x.shape.channels, pixels = x.shape.pixels();
  for (long i = 0; i < x.size(); i++) {
    const long c = i / pixels;
    const double xhat = (x[i] - statistics[c]) * statistics[channels + c];
    z[i] = (scale ? scale[c] : 1) * xhat + (shift ? shift[c] : 0);
  }
}

/// sums: [sum dz[C], sum dz xhat[C]]; added to.
inline void add_reductions(const double* statistics, Map dz, Map x, double* sums) {
  const int channels = x.shape.channels, pixels = x.shape.pixels();
  for (long i = 0; i < x.size(); i++) {
    const long c = i / pixels;
    sums[c] += dz[i];
    sums[channels + c] += dz[i] * (x[i] - statistics[c]) * statistics[channels + c];
  }
}

/// dx = scale inv_std (dz - sum dz / n - xhat sum dz xhat / n), with n the elements of a channel in the batch
inline void normalize_input_gradient(const double* statistics, const double* sums, const double* scale, double n,
                                     Map dz, Map x, Map dx) {
  const int channels = x.shape.channels, pixels = x.shape.pixels();
  for (long i = 0; i < x.size(); i++) {
    const long c = i / pixels;
    const double inv_std = statistics[channels + c], xhat = (x[i] - statistics[c]) * inv_std;
    dx[i] = (scale ? scale[c] : 1) * inv_std * (dz[i] - sums[c] / n - xhat * sums[channels + c] / n);
  }
}

}  // namespace strata::reference
