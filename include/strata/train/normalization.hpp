// SPDX-License-Identifier: MIT
// Input normalization: y = scale[c] raw + shift[c] per channel, from the statistics of the training set.
#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include <strata/core/compile_once.hpp>
#include <strata/core/finite.hpp>
#include <strata/core/samples/batch.hpp>
#include <strata/core/samples/image_transform.hpp>
#include <strata/core/shape.hpp>
#include <strata/train/options.hpp>
#include <strata/train/survey.hpp>

namespace strata::training::detail {

/// Sums of the numbers and of their squares, per channel.
struct Moments {
  std::vector<double> sum, square;
  double count = 0;

  explicit Moments(int channels) : sum(std::size_t(channels)), square(std::size_t(channels)) {}

  template <class Number>
  void add(const Number* image, int pixels, int channels) {
    for (int c = 0; c < channels; c++) {
      double s = 0, q = 0;
      if constexpr (sizeof(Number) == 1) {  // exact in integers: 32768 pixels do not overflow
        for (int p = 0; p < pixels; p += 32768) {
          std::uint32_t si = 0, qi = 0;
          const int end = pixels - p < 32768 ? pixels : p + 32768;
          for (int i = p; i < end; i++) {
            const std::uint32_t v = image[long(i) * channels + c];
            si += v, qi += v * v;
          }
          s += si, q += qi;
        }
      } else {
        for (int p = 0; p < pixels; p++) {
          const double v = double(image[long(p) * channels + c]);
          s += v, q += v * v;
        }
      }
      sum[std::size_t(c)] += s, square[std::size_t(c)] += q;
    }
    count += pixels;
  }
  void add(const Images& images, int n, Shape shape) {
    for (int i = 0; i < n; i++) {
      const long at = images.row(i) * shape.size();
      if (images.bytes) add(images.bytes + at, shape.pixels(), shape.channels);
      else add(images.floats + at, shape.pixels(), shape.channels);
    }
  }
};

/// Whether it needs the statistics of the samples.
constexpr bool reads_samples(Normalization how) {
  return how == Normalization::zerocenter || how == Normalization::zscore;
}

/// Fills scale[C], shift[C] in `buffers`, unless `how` is keep. A constant channel gets the scale 1.
STRATA_ONCE void fill_input(Normalization how, const Moments& moments, float* buffers);

/// The byte per channel that scale[C], shift[C] map closest to 0; 0 where scale is 0 or either is not finite.
STRATA_ONCE core::Outside zero_of_input(int channels, const float* buffers);
/// The same as floats.
STRATA_ONCE core::OutsideFloats zero_of_input_in_floats(int channels, const float* buffers);

#if STRATA_HAS_BODIES

STRATA_ONCE void fill_input(Normalization how, const Moments& moments, float* buffers) {
  if (how == Normalization::keep) return;
  const int channels = int(moments.sum.size());
  float *scale = buffers, *shift = buffers + channels;
  for (int c = 0; c < channels; c++) {
    scale[c] = how == Normalization::unit ? 1.f / 255 : 1, shift[c] = 0;
    if (!reads_samples(how) || moments.count == 0) continue;
    const double mean = moments.sum[std::size_t(c)] / moments.count;
    const double variance = moments.square[std::size_t(c)] / moments.count - mean * mean;
    const bool divides = how == Normalization::zscore && variance > 1e-12 * (1 + mean * mean);
    scale[c] = divides ? float(1 / std::sqrt(variance)) : 1;
    shift[c] = float(-mean * double(scale[c]));
  }
}

STRATA_ONCE core::OutsideFloats zero_of_input_in_floats(int channels, const float* buffers) {
  core::OutsideFloats out{};
  for (int c = 0; c < channels && c < int(out.size()); c++) {
    const double scale = double(buffers[c]), raw = -double(buffers[channels + c]) / scale;
    if (scale != 0 && core::is_finite(float(raw))) out[std::size_t(c)] = float(raw);
  }
  return out;
}

STRATA_ONCE core::Outside zero_of_input(int channels, const float* buffers) {
  core::Outside out{};
  for (int c = 0; c < channels && c < int(out.size()); c++) {
    const double scale = double(buffers[c]), raw = -double(buffers[channels + c]) / scale;
    if (scale != 0 && core::is_finite(raw))
      out[std::size_t(c)] = std::uint8_t(std::lround(std::clamp(raw, 0.0, 255.0)));
  }
  return out;
}

#endif  // STRATA_HAS_BODIES

/// Fills scale[C], shift[C] in `buffers`, with one pass over the set if `how` needs it.
template <core::Samples Set>
void fit_input(Normalization how, Set&& set, Shape shape, float* buffers) {
  Moments moments(shape.channels);
  if (reads_samples(how))
    for_all_batches(set, shape,
                    [&](const Batch& batch, const std::int32_t*, int n) { moments.add(batch.images, n, shape); });
  fill_input(how, moments, buffers);
}

}  // namespace strata::training::detail
