// SPDX-License-Identifier: MIT
// A zero-padded copy of a group's tensor, so that convolutions need no edge cases. The copy costs one load and one
// store per element, against the hundreds of multiplications that read it.
#pragma once

#include <algorithm>
#include <cstring>
#include <strata/cpu/lanes/call.hpp>

namespace strata::cpu::lanes {

/// At least `floats`, rounded up to an odd number of cache lines: strides of 4 KiB and its halves share cache sets.
constexpr long odd_lines(long floats) { return ((floats + 15) / 16 | 1) * 16; }

/// Where the elements of a tensor go: element (y, x) to row top + y * step_height, column left + x * step_width of a
/// plane of rows x columns vectors that is zero elsewhere.
struct Border {
  Shape shape{};  ///< of the tensor
  int top = 0, left = 0, step_height = 1, step_width = 1;
  int rows = 0, columns = 0;  ///< of a plane, in vectors

  constexpr long row() const { return long(columns) * width; }      ///< floats
  constexpr long plane() const { return odd_lines(rows * row()); }  ///< floats between planes
  constexpr long floats() const { return shape.channels * plane(); }
};

/// The padded input of a convolution.
constexpr Border forward_border(Shape x, const core::Window& w) {
  return {x,
          w.rows.before,
          w.columns.before,
          1,
          1,
          x.height + w.rows.before + w.rows.after,
          x.width + w.columns.before + w.columns.after};
}

/// The padded input of the convolution that computes the gradient of x: dy with its elements a stride apart.
constexpr Border gradient_border(Shape dy, Shape x, const core::Window& w) {
  const core::Axis rows = w.rows.mirrored(), columns = w.columns.mirrored();
  return {
      dy, rows.before, columns.before, w.rows.stride, w.columns.stride, rows.reach(x.height), columns.reach(x.width)};
}

/// The range [first, end) of those of `count` elements whose position start + k * step lies in [0, size).
struct Inside {
  int first = 0, end = 0;
  constexpr Inside(int start, int step, int count, int size) {
    first = start >= 0 ? 0 : (step - 1 - start) / step;
    end = std::min(count, size > start ? core::ceil_divide(size - start, step) : 0);
    if (end <= first) first = end = 0;
  }
};

STRATA_ONCE void copy_with_border(const float* x, const Border& b, float* to);
STRATA_ONCE void tap_offsets(const Border& b, const core::Window& w, int* offset);

#if STRATA_HAS_BODIES

/// Copies x into the padded plane `to`. Elements outside the plane are dropped: where the padding is wider than the
/// window, part of dy comes from windows that read nothing of x.
STRATA_ONCE void copy_with_border(const float* x, const Border& b, float* to) {
  const Inside rows(b.top, b.step_height, b.shape.height, b.rows),
      columns(b.left, b.step_width, b.shape.width, b.columns);
  const long row = b.row(), plane = b.plane(), from_row = long(b.shape.width) * width;
  for (int c = 0; c < b.shape.channels; c++, to += plane, x += b.shape.height * from_row) {
    if (b.step_height != 1 || b.step_width != 1 || rows.end == 0 || columns.end == 0) {
      std::memset(to, 0, sizeof(float) * std::size_t(plane));
      for (int y = rows.first; y < rows.end; y++)
        for (int i = columns.first; i < columns.end; i++)
          core::simd::store(to + (b.top + y * b.step_height) * row + (b.left + i * b.step_width) * width,
                            core::simd::load(x + y * from_row + i * width));
      continue;
    }
    const long left = long(b.left + columns.first) * width, body = long(columns.end - columns.first) * width;
    const long right = row - left - body;
    float* line = to + (b.top + rows.first) * row;
    std::memset(to, 0, sizeof(float) * std::size_t(line - to));
    for (int y = rows.first; y < rows.end; y++, line += row) {
      std::memset(line, 0, sizeof(float) * std::size_t(left));
      std::memcpy(line + left, x + y * from_row + columns.first * width, sizeof(float) * std::size_t(body));
      std::memset(line + left + body, 0, sizeof(float) * std::size_t(right));
    }
    std::memset(line, 0, sizeof(float) * std::size_t(to + b.rows * row - line));
  }
}

/// offset[k] = offset of weight k = (channel, row, column of the window) in the padded copy.
STRATA_ONCE void tap_offsets(const Border& b, const core::Window& w, int* offset) {
  for (int c = 0; c < b.shape.channels; c++)
    for (int y = 0; y < w.rows.kernel; y++)
      for (int x = 0; x < w.columns.kernel; x++)
        *offset++ = int(c * b.plane() + y * w.rows.dilation * b.row() + x * w.columns.dilation * width);
}

#endif  // STRATA_HAS_BODIES

}  // namespace strata::cpu::lanes
