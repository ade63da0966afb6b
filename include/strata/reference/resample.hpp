// SPDX-License-Identifier: MIT
// Maps of other rows and columns, and the adjoint, one image at a time.
#pragma once

#include <strata/graph/declared/graph.hpp>
#include <strata/reference/map.hpp>

#include <cmath>

namespace strata::reference {

/// Calls term(to, from, weight): position `to` of the `out` positions of an axis gets weight times input `from` of
/// `in`.
template <class Term>
void for_each_share(graph::Interpolation mode, int in, int out, Term term) {
  for (int to = 0; to < out; to++) {
    if (mode == graph::Interpolation::nearest) {
      term(to, to * in / out, 1.);
    } else if (mode == graph::Interpolation::area) {
      const int first = to * in / out, last = ((to + 1) * in + out - 1) / out;
      for (int from = first; from < last; from++) term(to, from, 1. / (last - first));
    } else {
      const double source = mode == graph::Interpolation::half_pixel ? (to + 0.5) * in / out - 0.5
                            : out > 1                                ? to * (in - 1.) / (out - 1)
                                                                     : 0;
      const double clamped = std::fmin(std::fmax(source, 0), in - 1);
      const int low = int(std::floor(clamped)), high = low + 1 < in ? low + 1 : low;
      term(to, low, 1 - (clamped - low));
      term(to, high, clamped - low);
    }
  }
}

/// Calls term(oy, ox, iy, ix, weight) likewise.
template <class Term>
void for_each_pixel_share(graph::Interpolation mode, Shape in, Shape out, Term term) {
  for_each_share(mode, in.height, out.height, [&](int oy, int iy, double row) {
    for_each_share(mode, in.width, out.width,
                   [&](int ox, int ix, double column) { term(oy, ox, iy, ix, row * column); });
  });
}

inline void resample(graph::Interpolation mode, Map x, Map y) {
  for (long i = 0; i < y.size(); i++) y[i] = 0;
  for_each_pixel_share(mode, x.shape, y.shape, [&](int oy, int ox, int iy, int ix, double weight) {
    for (int c = 0; c < y.shape.channels; c++) y(c, oy, ox) += weight * x(c, iy, ix);
  });
}

inline void resample_gradient(graph::Interpolation mode, Map dy, Map dx) {
  for (long i = 0; i < dx.size(); i++) dx[i] = 0;
  for_each_pixel_share(mode, dx.shape, dy.shape, [&](int oy, int ox, int iy, int ix, double weight) {
    for (int c = 0; c < dx.shape.channels; c++) dx(c, iy, ix) += weight * dy(c, oy, ox);
  });
}

}  // namespace strata::reference
