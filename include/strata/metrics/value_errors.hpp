// SPDX-License-Identifier: MIT
// How far the outputs of a network are from their targets.
#pragma once

#include <cmath>
#include <vector>

#include <strata/core/compile_once.hpp>
#include <strata/core/losses/loss_term.hpp>

namespace strata::metrics {

/// The errors of outputs of several channels. Targets of NaN are left out.
struct ValueErrors {
  /// Sums over the values of a channel.
  struct Channel {
    long count = 0;                    ///< values
    double absolute = 0, squared = 0;  ///< sums of |y - t| and (y - t)^2 over the channel
    double mean = 0, squares = 0;      ///< of the targets: their mean, and the sum of squares around it
  };
  std::vector<Channel> channels;  ///< one per channel of the output

  ValueErrors() = default;
  /// Of n channels, without values.
  explicit ValueErrors(int n) : channels(std::size_t(n)) {}

  /// Adds outputs and targets [pixels][channels].
  void add(const float* outputs, const float* targets, long pixels);

  /// All values.
  long count() const {
    long sum = 0;
    for (const Channel& c : channels) sum += c.count;
    return sum;
  }
  /// The mean absolute error of all values; 0 if there are none.
  double mae() const { return mean_of(&Channel::absolute); }
  /// The root of the mean squared error of all values; 0 if there are none.
  double rmse() const { return std::sqrt(mean_of(&Channel::squared)); }
  /// The coefficient of determination, 1 - sum (y - t)^2 / sum (t - mean t)^2, averaged over the channels whose targets
  /// differ; 1 is perfect, 0 is as good as the mean; 0 if no channel's targets differ.
  double r2() const;

 private:
  double mean_of(double Channel::*what) const {
    double sum = 0;
    for (const Channel& c : channels) sum += c.*what;
    return count() > 0 ? sum / double(count()) : 0;
  }
};

#if STRATA_HAS_BODIES

STRATA_ONCE void ValueErrors::add(const float* outputs, const float* targets, long pixels) {
  const long n = long(channels.size());
  for (long i = 0; i < pixels * n; i++) {
    if (core::is_missing(targets[i])) continue;
    Channel& c = channels[std::size_t(i % n)];
    const double t = double(targets[i]), error = double(outputs[i]) - t, from_mean = t - c.mean;
    c.absolute += std::fabs(error), c.squared += error * error;
    c.mean += from_mean / double(++c.count);
    c.squares += from_mean * (t - c.mean);
  }
}

STRATA_ONCE double ValueErrors::r2() const {
  double sum = 0;
  int differing = 0;
  for (const Channel& c : channels)
    if (c.squares > 0) sum += 1 - c.squared / c.squares, differing++;
  return differing > 0 ? sum / differing : 0;
}

#endif  // STRATA_HAS_BODIES

}  // namespace strata::metrics
