// SPDX-License-Identifier: MIT
#pragma once

namespace strata::core {

/// The shape of one image's tensor: rows, columns, channels. A vector of n numbers is 1 x 1 x n.
struct Shape {
  int height = 0, width = 0, channels = 0;

  constexpr long size() const { return long(height) * width * channels; }
  constexpr int pixels() const { return height * width; }
  constexpr bool operator==(const Shape&) const = default;
};

/// A sliding window: kernel, stride, dilation and the padding on each side, in elements.
struct Window {
  int kernel_height = 1, kernel_width = 1;
  int stride_height = 1, stride_width = 1;
  int dilation_height = 1, dilation_width = 1;
  int pad_top = 0, pad_left = 0, pad_bottom = 0, pad_right = 0;

  /// Rows and columns that the dilated kernel covers.
  constexpr int extent_height() const { return (kernel_height - 1) * dilation_height + 1; }
  constexpr int extent_width() const { return (kernel_width - 1) * dilation_width + 1; }
  constexpr int taps() const { return kernel_height * kernel_width; }
  constexpr bool operator==(const Window&) const = default;
};

}  // namespace strata::core

namespace strata {
using core::Shape;
}  // namespace strata
