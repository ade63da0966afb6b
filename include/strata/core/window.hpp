// SPDX-License-Identifier: MIT
// A window that slides over the rows and columns of a map: a convolution's, or a pool's. What is true of rows is true
// of columns, so each axis is described, and computed with, in the same way.
#pragma once

namespace strata::core {

/// A window along one axis of a map, in elements. A tap is an element of the kernel.
struct Axis {
  int kernel = 1;             ///< taps
  int stride = 1;             ///< inputs between windows
  int dilation = 1;           ///< inputs between taps
  int before = 0, after = 0;  ///< inputs of padding

  /// A kernel with an odd number of taps that has as many outputs as inputs.
  static constexpr Axis same(int kernel, int dilation = 1) {
    const int padding = kernel / 2 * dilation;
    return {kernel, 1, dilation, padding, padding};
  }
  /// A kernel whose windows neither overlap nor leave gaps, as in most pools.
  static constexpr Axis tiles(int kernel) { return {kernel, kernel}; }

  /// The input that an output reads through a tap. It is padding if it is negative or not less than the map's size.
  constexpr int source(int out, int tap = 0) const { return out * stride - before + tap * dilation; }
  /// How many taps of an output read inputs from `first` on and before `last`, padding included; without dilation.
  constexpr int taps_within(int out, int first, int last) const {
    const int begin = source(out) < first ? first : source(out);
    const int end = source(out) + kernel > last ? last : source(out) + kernel;
    return begin < end ? end - begin : 0;
  }
  /// Inputs that the dilated kernel covers.
  constexpr int extent() const { return (kernel - 1) * dilation + 1; }
  /// Inputs that `out` adjacent outputs cover, padding included.
  constexpr int reach(int out) const { return (out - 1) * stride + extent(); }
  /// The size of a map that `out` adjacent outputs cover exactly.
  constexpr int inputs(int out) const { return reach(out) - before - after; }
  /// The number of outputs over `in` inputs.
  constexpr int outputs(int in) const { return (in + before + after - extent()) / stride + 1; }

  /// The window with which the gradient of the input slides over the gradients of the outputs, between which there are
  /// stride - 1 zeros. Its taps are in reverse order.
  constexpr Axis mirrored() const { return {kernel, 1, dilation, extent() - 1 - before, extent() - 1 - after}; }
  /// Whether there is padding on either side.
  constexpr bool pads() const { return before != 0 || after != 0; }
  constexpr bool operator==(const Axis&) const = default;
};

/// A window over rows and columns.
struct Window {
  Axis rows{}, columns{};  ///< in rows and columns of the map

  /// The same along both axes.
  static constexpr Window square(Axis axis) { return {axis, axis}; }

  /// The number of elements under the kernel.
  constexpr int taps() const { return rows.kernel * columns.kernel; }
  constexpr bool operator==(const Window&) const = default;
};

}  // namespace strata::core
