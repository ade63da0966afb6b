// SPDX-License-Identifier: MIT
// Tensors of the reference: doubles in channel, row, column order, whatever order the back ends use. So flatten is a
// copy, dense layers read in order, and element e of an image is the e of dropout's mask.
#pragma once

#include <strata/core/shape.hpp>
#include <strata/core/window.hpp>

#include <vector>

namespace strata::reference {

using Doubles = std::vector<double>;

/// The tensor of one image, in memory owned elsewhere.
struct Map {
  double* data = nullptr;
  Shape shape{};

  double& operator()(int channel, int row, int column) const {
    return data[(long(channel) * shape.height + row) * shape.width + column];
  }
  double& operator[](long element) const { return data[element]; }
  long size() const { return shape.size(); }
};

/// Calls visit(oy, ox, tap, iy, ix) for each tap through which output pixel (oy, ox) reads input pixel (iy, ix).
template <class Visit>
void for_each_tap(const core::Window& w, Shape in, Shape out, Visit visit) {
  for (int oy = 0; oy < out.height; oy++)
    for (int ox = 0; ox < out.width; ox++)
      for (int ky = 0; ky < w.rows.kernel; ky++)
        for (int kx = 0; kx < w.columns.kernel; kx++) {
          const int iy = w.rows.source(oy, ky);
          const int ix = w.columns.source(ox, kx);
          if (iy >= 0 && iy < in.height && ix >= 0 && ix < in.width) visit(oy, ox, ky * w.columns.kernel + kx, iy, ix);
        }
}

}  // namespace strata::reference
