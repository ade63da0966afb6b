// SPDX-License-Identifier: MIT
// The scaling of raw input by mean and deviation, as users set it, and by scale and shift, as networks hold it.
#pragma once

#include <vector>

#include <strata/core/compile_once.hpp>
#include <strata/core/error.hpp>
#include <strata/core/finite.hpp>

namespace strata::core {

/// How raw input becomes the network's: y = (raw - mean[c]) / deviation[c] in channel c.
struct InputScaling {
  std::vector<float> mean{};       ///< per channel, in units of the raw input; one number: of all channels
  std::vector<float> deviation{};  ///< above 0; likewise. Where a file scales a channel by 0, it is infinite
};

/// The scaling y = scale[c] raw + shift[c] as mean and deviation, one number each per channel. A channel with the scale
/// 0 has the mean 0.
STRATA_ONCE InputScaling scaling_of(const float* scale, const float* shift, int channels);

/// Fills scale[channels], shift[channels]. Throws Error, and changes nothing, unless there are one number or `channels`
/// numbers of both, all finite, and each deviation is above 0 and not too small to divide by.
STRATA_ONCE void fill_scaling(const InputScaling& scaling, int channels, float* scale, float* shift);

#if STRATA_HAS_BODIES

STRATA_ONCE InputScaling scaling_of(const float* scale, const float* shift, int channels) {
  InputScaling out;
  for (int c = 0; c < channels; c++) {
    out.mean.push_back(scale[c] == 0 ? 0.f : float((0 - double(shift[c])) / double(scale[c])));
    out.deviation.push_back(float(1 / double(scale[c])));
  }
  return out;
}

STRATA_ONCE void fill_scaling(const InputScaling& scaling, int channels, float* scale, float* shift) {
  const auto number = [channels](const char* what, const std::vector<float>& all, int c) {
    if (all.size() != 1 && long(all.size()) != channels)
      throw Error("input_scaling: ", all.size(), " numbers were given as ", what, ", but the input has ", channels,
                  channels == 1 ? " channel; give 1" : " channels; give one for each, or one for all");
    return double(all[all.size() == 1 ? 0 : std::size_t(c)]);
  };
  std::vector<float> of_both(2 * std::size_t(channels));
  for (int c = 0; c < channels; c++) {
    const double mean = number("mean", scaling.mean, c), deviation = number("deviation", scaling.deviation, c);
    const float factor = float(1 / deviation), shifted = float((0 - mean) / deviation);  // not -0
    if (!is_finite(deviation) || !(deviation > 0) || !is_finite(factor) || factor == 0)
      throw Error("input_scaling: the deviation of channel ", c, " is ", deviation,
                  "; give what the network divides its input by, above 0: 255 for bytes that become 0 to 1");
    if (!is_finite(mean) || !is_finite(shifted))
      throw Error("input_scaling: the mean of channel ", c, " is ", mean, " where the deviation is ", deviation,
                  "; give a finite mean whose quotient is finite too");
    of_both[std::size_t(c)] = factor, of_both[std::size_t(channels + c)] = shifted;
  }
  for (int c = 0; c < channels; c++) scale[c] = of_both[std::size_t(c)], shift[c] = of_both[std::size_t(channels + c)];
}

#endif  // STRATA_HAS_BODIES

}  // namespace strata::core
