// SPDX-License-Identifier: MIT
// Resize, crop, pad, shuffles and channel slices, and their adjoints, one image at a time.
#pragma once

#include <strata/graph/declared/graph.hpp>
#include <strata/reference/map.hpp>

#include <cmath>

namespace strata::reference {

/// Calls term(to, from, weight): row (or column) `to` of the enlarged map gets weight times row `from`. size: rows of
/// the input.
template <class Term>
void for_each_mix(graph::Interpolation mode, int factor, int size, Term term) {
  for (int to = 0; to < size * factor; to++) {
    if (mode == graph::Interpolation::half_pixel) {  // linear between centers, the border's value outside
      const double source = (to + 0.5) / factor - 0.5, clamped = source < 0 ? 0 : source > size - 1 ? size - 1 : source;
      const int low = int(std::floor(clamped)), high = low + 1 < size ? low + 1 : low;
      term(to, low, 1 - (clamped - low));
      term(to, high, clamped - low);
    } else {  // transposed convolution: row i adds w[k] at i F - F/2 + k, w[k] = 1 - |k + 1/2 - F| / F, 0 <= k < 2F
      for (int from = 0; from < size; from++) {
        const int k = to - from * factor + factor / 2;
        if (k >= 0 && k < 2 * factor) term(to, from, 1 - std::fabs(k + 0.5 - factor) / factor);
      }
    }
  }
}

template <class Term>
void for_each_resized(graph::Interpolation mode, int factor, Shape in, Term term) {
  for_each_mix(mode, factor, in.height, [&](int oy, int iy, double row) {
    for_each_mix(mode, factor, in.width, [&](int ox, int ix, double column) { term(oy, ox, iy, ix, row * column); });
  });
}

inline void resize(graph::Interpolation mode, int factor, Map x, Map y) {
  for (long i = 0; i < y.size(); i++) y[i] = 0;
  for_each_resized(mode, factor, x.shape, [&](int oy, int ox, int iy, int ix, double weight) {
    for (int c = 0; c < x.shape.channels; c++) y(c, oy, ox) += weight * x(c, iy, ix);
  });
}

inline void resize_gradient(graph::Interpolation mode, int factor, Map dy, Map dx) {
  for (long i = 0; i < dx.size(); i++) dx[i] = 0;
  for_each_resized(mode, factor, dx.shape, [&](int oy, int ox, int iy, int ix, double weight) {
    for (int c = 0; c < dx.shape.channels; c++) dx(c, iy, ix) += weight * dy(c, oy, ox);
  });
}

/// Calls visit(channel, row, column) for each element of a map of this shape.
template <class Visit>
void for_each_element(Shape shape, Visit visit) {
  for (int c = 0; c < shape.channels; c++)
    for (int y = 0; y < shape.height; y++)
      for (int x = 0; x < shape.width; x++) visit(c, y, x);
}

inline void crop(int top, int left, Map x, Map y) {
  for_each_element(y.shape, [&](int c, int i, int j) { y(c, i, j) = x(c, i + top, j + left); });
}

/// Channels [first, first + part.channels) of whole.
inline Map channels_of(Map whole, int first, Shape part) {
  return {whole.data + long(first) * whole.shape.pixels(), part};
}

/// x in a larger map, from `channel`, `top` and `left`.
inline void pad(core::Padding padding, int top, int left, int channel, Map x, Map y) {
  for_each_element(y.shape, [&](int c, int i, int j) {
    const int from = c - channel, row = core::padded_source(padding, i - top, x.shape.height),
              column = core::padded_source(padding, j - left, x.shape.width);
    const bool inside = from >= 0 && from < x.shape.channels && row >= 0 && column >= 0;
    y(c, i, j) = inside ? x(from, row, column) : 0;
  });
}

inline void crop_gradient(int top, int left, Map dy, Map dx) { pad(core::Padding::zeros, top, left, 0, dy, dx); }

/// Of a map padded along rows and columns.
inline void pad_gradient(core::Padding padding, int top, int left, Map dy, Map dx) {
  for (long i = 0; i < dx.size(); i++) dx[i] = 0;
  for_each_element(dy.shape, [&](int c, int i, int j) {
    const int row = core::padded_source(padding, i - top, dx.shape.height),
              column = core::padded_source(padding, j - left, dx.shape.width);
    if (row >= 0 && column >= 0) dx(c, row, column) += dy(c, i, j);
  });
}

/// y[j groups + g] = x[g n + j], for n channels in a group
inline void channel_shuffle(int groups, Map x, Map y) {
  const int n = x.shape.channels / groups;
  for_each_element(x.shape, [&](int c, int i, int j) { y(c % n * groups + c / n, i, j) = x(c, i, j); });
}

/// Calls visit(element of the map with many channels, element of that with many pixels) for all pairs.
template <class Visit>
void for_each_shuffled_pixel(Shape deep, Shape wide, Visit visit) {
  const int factor = wide.height / deep.height;
  for_each_element(wide, [&](int c, int i, int j) {
    const int channel = (c * factor + i % factor) * factor + j % factor;
    visit((long(channel) * deep.height + i / factor) * deep.width + j / factor,
          (long(c) * wide.height + i) * wide.width + j);
  });
}
inline void pixel_shuffle(Map x, Map y) {
  for_each_shuffled_pixel(x.shape, y.shape, [&](long deep, long wide) { y[wide] = x[deep]; });
}
inline void pixel_unshuffle(Map x, Map y) {
  for_each_shuffled_pixel(y.shape, x.shape, [&](long deep, long wide) { y[deep] = x[wide]; });
}

inline void copy(Map x, Map y) {
  for (long i = 0; i < y.size(); i++) y[i] = x[i];
}

inline void add(Map x, Map y) {
  for (long i = 0; i < y.size(); i++) y[i] += x[i];
}

}  // namespace strata::reference
