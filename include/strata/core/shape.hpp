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

}  // namespace strata::core

namespace strata {
using core::Shape;
}  // namespace strata
