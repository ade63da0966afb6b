// SPDX-License-Identifier: MIT
// Rows of the user's image as floats, scaled and shifted by the network's input layer, without an intermediate copy.
#pragma once

#include <strata/cpu/nhwc/call.hpp>

namespace strata::cpu::nhwc::fixed_shape {

/// One image of a batch, floats or bytes. A value v of channel c becomes scale[c] v + shift[c].
template <int Channels>
class ImageRows {
 public:
  ImageRows(const Images& images, int image, long size, const float* scale, const float* shift)
      : floats_(images.floats ? images.floats + images.row(image) * size : nullptr),
        bytes_(images.floats ? nullptr : images.bytes + images.row(image) * size) {
    for (int i = 0; i < period; i++) scale_[i] = scale[i % Channels], shift_[i] = shift[i % Channels];
  }

  /// Converts elements [from, from + Count) of the image; `from` is the start of a row.
  template <int Count>
  void convert(long from, float* to) const {
    if (floats_) {
      affine<Count>(floats_ + from, to);
      return;
    }
    alignas(64) float numbers[std::size_t(Count)];
    for (int i = 0; i < Count; i++) numbers[i] = float(bytes_[from + i]);
    affine<Count>(numbers, to);
  }

 private:
  static constexpr int period = Channels * width;  ///< channels and lanes realign after this many elements

  template <int Count>
  void affine(const float* x, float* y) const {
    int i = 0;
    for (int k = 0; i + width <= Count; i += width, k = k + width == period ? 0 : k + width)
      core::simd::storeu(
          y + i, core::simd::fma(core::simd::load(scale_ + k), core::simd::loadu(x + i), core::simd::load(shift_ + k)));
    if constexpr (Count % width != 0)
      for (; i < Count; i++) y[i] = scale_[i % Channels] * x[i] + shift_[i % Channels];
  }

  const float* floats_;
  const std::uint8_t* bytes_;
  alignas(64) float scale_[std::size_t(period)], shift_[std::size_t(period)];
};

}  // namespace strata::cpu::nhwc::fixed_shape
