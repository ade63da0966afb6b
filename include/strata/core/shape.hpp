// SPDX-License-Identifier: MIT
#pragma once

namespace strata::core {

/// The shape of one image's tensor: rows, columns, channels. A vector of n numbers is 1 x 1 x n.
struct Shape {
  int height = 0, width = 0, channels = 0;  ///< rows, columns, values per pixel

  /// The number of elements, height x width x channels.
  constexpr long size() const { return long(height) * width * channels; }
  /// The number of pixels, height x width.
  constexpr int pixels() const { return height * width; }
  constexpr bool operator==(const Shape&) const = default;
};

/// A sliding window: kernel, stride, dilation and the padding on each side, in elements.
struct Window {
  int kernel_height = 1, kernel_width = 1;                       ///< rows and columns of taps
  int stride_height = 1, stride_width = 1;                       ///< rows and columns between windows
  int dilation_height = 1, dilation_width = 1;                   ///< rows and columns between taps
  int pad_top = 0, pad_left = 0, pad_bottom = 0, pad_right = 0;  ///< rows and columns around the input

  /// Rows that the dilated kernel covers.
  constexpr int extent_height() const { return (kernel_height - 1) * dilation_height + 1; }
  /// Columns that it covers.
  constexpr int extent_width() const { return (kernel_width - 1) * dilation_width + 1; }
  /// The number of elements under the kernel.
  constexpr int taps() const { return kernel_height * kernel_width; }
  constexpr bool operator==(const Window&) const = default;
};

}  // namespace strata::core

namespace strata {
using core::Shape;
}  // namespace strata
