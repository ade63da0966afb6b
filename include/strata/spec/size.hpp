// SPDX-License-Identifier: MIT
// Rows and columns of a window, as a template argument.
#pragma once

#include <concepts>

#include <strata/core/text/text.hpp>

namespace strata {

/// Rows and columns of a window: `3` means 3 x 3, `Size{3, 5}` means three rows by five columns.
struct Size {
  int height, width;  ///< rows, columns
  /// As many columns as rows; or both.
  constexpr Size(int both) : height(both), width(both) {}
  constexpr Size(int rows, int columns) : height(rows), width(columns) {}
  /// A number that is not whole: 0 x 0, which layers refuse.
  template <std::floating_point Number>
  constexpr Size(Number) : Size(0) {}
  constexpr bool operator==(const Size&) const = default;
  friend constexpr core::Text& operator<<(core::Text& out, Size size) {
    if (size.height == size.width) return out << size.height;
    return out << "Size{" << size.height << ", " << size.width << '}';
  }
};

}  // namespace strata
