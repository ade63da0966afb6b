// SPDX-License-Identifier: MIT
// Pools and their gradients, one image at a time.
#pragma once

#include <strata/reference/map.hpp>

namespace strata::reference {

/// The element of x that wins a window: the first maximum in row, column order. Padding never wins.
struct Winner {
  long element = -1;
  double value = 0, runner_up = 0;  ///< runner_up: the largest of the others
  int candidates = 0;
};

inline std::vector<Winner> winners(const core::Window& w, Map x, Shape out) {
  std::vector<Winner> won(std::size_t(out.size()));
  for_each_tap(w, x.shape, out, [&](int oy, int ox, int, int iy, int ix) {
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

inline void max_pool(const core::Window& w, Map x, Map y) {
  const std::vector<Winner> won = winners(w, x, y.shape);
  for (long i = 0; i < y.size(); i++) y[i] = won[std::size_t(i)].value;
}

/// dx[winner] += dy
inline void max_pool_gradient(const core::Window& w, Map dy, Map x, Map dx) {
  const std::vector<Winner> won = winners(w, x, dy.shape);
  for (long i = 0; i < dx.size(); i++) dx[i] = 0;
  for (long i = 0; i < dy.size(); i++) dx[won[std::size_t(i)].element] += dy[i];
}

/// Padding counts as zero and adds to the divisor.
inline void average_pool(const core::Window& w, Map x, Map y) {
  for (long i = 0; i < y.size(); i++) y[i] = 0;
  for_each_tap(w, x.shape, y.shape, [&](int oy, int ox, int, int iy, int ix) {
    for (int c = 0; c < y.shape.channels; c++) y(c, oy, ox) += x(c, iy, ix) / w.taps();
  });
}

inline void average_pool_gradient(const core::Window& w, Map dy, Map dx) {
  for (long i = 0; i < dx.size(); i++) dx[i] = 0;
  for_each_tap(w, dx.shape, dy.shape, [&](int oy, int ox, int, int iy, int ix) {
    for (int c = 0; c < dx.shape.channels; c++) dx(c, iy, ix) += dy(c, oy, ox) / w.taps();
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
