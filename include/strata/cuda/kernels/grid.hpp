// SPDX-License-Identifier: MIT
// Items of a kernel as places in maps [image][row][column][channel], and the windows that slide over them.
#pragma once

#include <strata/core/shape.hpp>
#include <strata/cuda/kernels/pack.hpp>

namespace strata::cuda::kernels {

struct Place {
  long image;
  int row, column, channel;
};

/// Packs of N channels of a batch of maps, in memory order.
template <int N>
struct Grid {
  int height, width, channels;

  Grid(Shape s) : height(s.height), width(s.width), channels(s.channels) {}
  long count(int batch) const { return long(batch) * height * width * (channels / N); }

  STRATA_DEVICE Place operator()(long item) const {
    const long pixel = divide(item, channels / N), row = divide(pixel, width), image = divide(row, height);
    return {image, int(row - image * height), int(pixel - row * width), int(item - pixel * (channels / N)) * N};
  }
  /// The index of the element at the place.
  STRATA_DEVICE long at(long image, int row, int column, int channel) const {
    return ((image * height + row) * width + column) * channels + channel;
  }
  STRATA_DEVICE long at(const Place& p) const { return at(p.image, p.row, p.column, p.channel); }
};

/// Calls visit(tap, row, column), in order, for each tap of a window that reads inside a map of the given size.
template <class Visit>
STRATA_DEVICE inline void for_each_tap(const core::Window& w, int height, int width, int out_row, int out_column,
                                       Visit visit) {
  for (int u = 0; u < w.kernel_height; u++) {
    const int row = out_row * w.stride_height - w.pad_top + u * w.dilation_height;
    if (row < 0 || row >= height) continue;
    for (int v = 0; v < w.kernel_width; v++) {
      const int column = out_column * w.stride_width - w.pad_left + v * w.dilation_width;
      if (column >= 0 && column < width) visit(u * w.kernel_width + v, row, column);
    }
  }
}

/// The windows [first, last] whose extent along one axis covers a position; with dilation, it may lie between two taps.
struct Windows {
  int first, last;

  STRATA_DEVICE Windows(int position, int pad, int extent, int stride, int count) {
    const int before = position + pad - extent;  // windows that start here or earlier end before the position
    first = before < 0 ? 0 : before / stride + 1;
    last = (position + pad) / stride;
    if (last >= count) last = count - 1;
  }
};

/// Calls visit(tap, row, column), in order, for each output whose window reads position (row, column) of the input.
template <class Visit>
STRATA_DEVICE inline void for_each_window(const core::Window& w, int out_height, int out_width, int row, int column,
                                          Visit visit) {
  const Windows rows(row, w.pad_top, w.extent_height(), w.stride_height, out_height);
  const Windows columns(column, w.pad_left, w.extent_width(), w.stride_width, out_width);
  for (int r = rows.first; r <= rows.last; r++) {
    const int down = row + w.pad_top - r * w.stride_height;
    if (down % w.dilation_height != 0) continue;
    for (int c = columns.first; c <= columns.last; c++) {
      const int right = column + w.pad_left - c * w.stride_width;
      if (right % w.dilation_width == 0)
        visit(down / w.dilation_height * w.kernel_width + right / w.dilation_width, r, c);
    }
  }
}

}  // namespace strata::cuda::kernels
