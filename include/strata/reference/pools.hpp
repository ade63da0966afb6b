// SPDX-License-Identifier: MIT
// Pools and their gradients, one image at a time.
#pragma once

#include <strata/graph/declared/graph.hpp>
#include <strata/reference/map.hpp>

namespace strata::reference {

/// The element of x that wins a window: the first maximum in row, column order. Padding never wins.
struct Winner {
  long element = -1;
  double value = 0, runner_up = 0;  ///< runner_up: the largest of the others
  int candidates = 0;
};

/// Of windows whose pixels for_each_pixel(visit(oy, ox, iy, ix)) visits.
template <class ForEachPixel>
std::vector<Winner> winners(Map x, Shape out, ForEachPixel for_each_pixel) {
  std::vector<Winner> won(std::size_t(out.size()));
  for_each_pixel([&](int oy, int ox, int iy, int ix) {
    for (int c = 0; c < out.channels; c++) {
      Winner& winner = won[std::size_t((long(c) * out.height + oy) * out.width + ox)];
      const long element = (long(c) * x.shape.height + iy) * x.shape.width + ix;
      const double value = x[element];
      const bool first = winner.candidates++ == 0;
      if (first || value > winner.value) {
        winner.runner_up = first ? value : winner.value;
        winner.value = value;
        winner.element = element;
      } else if (winner.candidates == 2 || value > winner.runner_up) {
        winner.runner_up = value;
      }
    }
  });
  return won;
}

inline std::vector<Winner> winners(const core::Window& w, Map x, Shape out) {
  return winners(x, out, [&](auto visit) {
    for_each_tap(w, x.shape, out, [&](int oy, int ox, int, int iy, int ix) { visit(oy, ox, iy, ix); });
  });
}

/// Of an adaptive pool: row oy of y covers the rows of x from floor(oy H / H') up to ceil((oy + 1) H / H').
inline std::vector<Winner> adaptive_winners(Map x, Shape out) {
  return winners(x, out, [&](auto visit) {
    const Shape in = x.shape;
    for (int oy = 0; oy < out.height; oy++)
      for (int ox = 0; ox < out.width; ox++)
        for (int iy = oy * in.height / out.height; iy * out.height < (oy + 1) * in.height; iy++)
          for (int ix = ox * in.width / out.width; ix * out.width < (ox + 1) * in.width; ix++) visit(oy, ox, iy, ix);
  });
}

inline void take_maxima(const std::vector<Winner>& won, Map y) {
  for (long i = 0; i < y.size(); i++) y[i] = won[std::size_t(i)].value;
}
/// dx[winner] += dy
inline void give_to_maxima(const std::vector<Winner>& won, Map dy, Map dx) {
  for (long i = 0; i < dx.size(); i++) dx[i] = 0;
  for (long i = 0; i < dy.size(); i++) dx[won[std::size_t(i)].element] += dy[i];
}

inline void max_pool(const core::Window& w, Map x, Map y) { take_maxima(winners(w, x, y.shape), y); }
inline void max_pool_gradient(const core::Window& w, Map dy, Map x, Map dx) {
  give_to_maxima(winners(w, x, dy.shape), dy, dx);
}

inline void adaptive_max_pool(Map x, Map y) { take_maxima(adaptive_winners(x, y.shape), y); }
inline void adaptive_max_pool_gradient(Map dy, Map x, Map dx) { give_to_maxima(adaptive_winners(x, dy.shape), dy, dx); }

/// How many taps of each output count: those on the input, of shape in, and on the padding that is not left out.
inline std::vector<int> counted_taps(const core::Window& w, const graph::Margins& uncounted, Shape in, Shape out) {
  std::vector<int> taps;
  for (int oy = 0; oy < out.height; oy++)
    for (int ox = 0; ox < out.width; ox++) {
      int count = 0;
      for (int ky = 0; ky < w.rows.kernel; ky++)
        for (int kx = 0; kx < w.columns.kernel; kx++) {
          const int iy = w.rows.source(oy, ky), ix = w.columns.source(ox, kx);
          count += iy >= uncounted.top - w.rows.before && iy < in.height + w.rows.after - uncounted.bottom &&
                   ix >= uncounted.left - w.columns.before && ix < in.width + w.columns.after - uncounted.right;
        }
      taps.push_back(count);
    }
  return taps;
}

/// Padding counts as zero; the divisor includes it, except the outermost, as `uncounted` says.
inline void average_pool(const core::Window& w, const graph::Margins& uncounted, Map x, Map y) {
  const std::vector<int> taps = counted_taps(w, uncounted, x.shape, y.shape);
  for (long i = 0; i < y.size(); i++) y[i] = 0;
  for_each_tap(w, x.shape, y.shape, [&](int oy, int ox, int, int iy, int ix) {
    for (int c = 0; c < y.shape.channels; c++)
      y(c, oy, ox) += x(c, iy, ix) / taps[std::size_t(oy * y.shape.width + ox)];
  });
}

inline void average_pool_gradient(const core::Window& w, const graph::Margins& uncounted, Map dy, Map dx) {
  const std::vector<int> taps = counted_taps(w, uncounted, dx.shape, dy.shape);
  for (long i = 0; i < dx.size(); i++) dx[i] = 0;
  for_each_tap(w, dx.shape, dy.shape, [&](int oy, int ox, int, int iy, int ix) {
    for (int c = 0; c < dx.shape.channels; c++)
      dx(c, iy, ix) += dy(c, oy, ox) / taps[std::size_t(oy * dy.shape.width + ox)];
  });
}

inline void global_average_pool(Map x, Map y) {
  for (int c = 0; c < y.shape.channels; c++) {
    double sum = 0;
    for (int p = 0; p < x.shape.pixels(); p++) sum += x[long(c) * x.shape.pixels() + p];
    y[c] = sum / x.shape.pixels();
  }
}

/// y = x at every pixel: the adjoint of global_average_pool, up to the factor 1 / pixels.
inline void broadcast(Map x, Map y) {
  for (long i = 0; i < y.size(); i++) y[i] = x[i / y.shape.pixels()];
}

/// dx = dy summed over the pixels.
inline void broadcast_gradient(Map dy, Map dx) {
  for (long i = 0; i < dx.size(); i++) dx[i] = 0;
  for (long i = 0; i < dy.size(); i++) dx[i / dy.shape.pixels()] += dy[i];
}

inline void global_average_pool_gradient(Map dy, Map dx) {
  const int pixels = dx.shape.pixels();
  for (long i = 0; i < dx.size(); i++) dx[i] = dy[i / pixels] / pixels;
}

}  // namespace strata::reference
