// SPDX-License-Identifier: MIT
// Items of a kernel as places in maps [image][row][column][channel], and the windows that slide over them.
#pragma once

#include <strata/core/shape.hpp>
#include <strata/core/window.hpp>
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
  for (int u = 0; u < w.rows.kernel; u++) {
    const int row = w.rows.source(out_row, u);
    if (row < 0 || row >= height) continue;
    for (int v = 0; v < w.columns.kernel; v++) {
      const int column = w.columns.source(out_column, v);
      if (column >= 0 && column < width) visit(u * w.columns.kernel + v, row, column);
    }
  }
}

/// The windows [first, last] whose extent along one axis covers a position; with dilation, it may lie between two taps.
struct Windows {
  int first, last;

  STRATA_DEVICE Windows(const core::Axis& axis, int position, int count) {
    const int down = position - axis.source(0);  // from the start of the first window
    const int before = down - axis.extent();     // windows that start here or earlier end before the position
    first = before < 0 ? 0 : before / axis.stride + 1;
    last = down / axis.stride;
    if (last >= count) last = count - 1;
  }
};

/// Calls visit(tap, row, column), in order, for each output whose window reads position (row, column) of the input.
template <class Visit>
STRATA_DEVICE inline void for_each_window(const core::Window& w, int out_height, int out_width, int row, int column,
                                          Visit visit) {
  const Windows rows(w.rows, row, out_height), columns(w.columns, column, out_width);
  for (int r = rows.first; r <= rows.last; r++) {
    const int down = row - w.rows.source(r);
    if (down % w.rows.dilation != 0) continue;
    for (int c = columns.first; c <= columns.last; c++) {
      const int right = column - w.columns.source(c);
      if (right % w.columns.dilation == 0)
        visit(down / w.rows.dilation * w.columns.kernel + right / w.columns.dilation, r, c);
    }
  }
}

}  // namespace strata::cuda::kernels
