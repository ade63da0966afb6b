// SPDX-License-Identifier: MIT
// The taps of a window over an enlarged map, where each tap has its own map, and the adjoint; one image at a time.
#pragma once

#include <strata/reference/rearrange.hpp>

namespace strata::reference {

/// y = the sum over taps of the enlarged maps, each read through its tap.
inline void resize_taps(const graph::Node& node, Map x, Map y) {
  const Shape one{node.in.height, node.in.width, node.out.channels}, seen = graph::enlarged_map(node, node.out);
  const Shape large{one.height * node.factor, one.width * node.factor, one.channels};
  Doubles full(std::size_t(large.size())), cropped(std::size_t(seen.size()));
  for (long e = 0; e < y.size(); e++) y[e] = 0;
  for (int k = 0; k < node.window.taps(); k++) {
    resize(node.mode, node.factor, channels_of(x, k * one.channels, one), {full.data(), large});
    crop(node.offset_y, node.offset_x, {full.data(), large}, {cropped.data(), seen});
    for_each_tap(node.window, seen, node.out, [&](int oy, int ox, int tap, int iy, int ix) {
      for (int c = 0; c < one.channels && tap == k; c++) y(c, oy, ox) += Map{cropped.data(), seen}(c, iy, ix);
    });
  }
}

inline void resize_taps_gradient(const graph::Node& node, Map dy, Map dx) {
  const Shape one{node.out.height, node.out.width, node.in.channels}, seen = graph::enlarged_map(node, node.in);
  const Shape large{one.height * node.factor, one.width * node.factor, one.channels};
  Doubles full(std::size_t(large.size())), cropped(std::size_t(seen.size()));
  for (int k = 0; k < node.window.taps(); k++) {
    cropped.assign(cropped.size(), 0);
    for_each_tap(node.window, seen, node.in, [&](int oy, int ox, int tap, int iy, int ix) {
      for (int c = 0; c < one.channels && tap == k; c++) Map{cropped.data(), seen}(c, iy, ix) += dy(c, oy, ox);
    });
    crop_gradient(node.offset_y, node.offset_x, {cropped.data(), seen}, {full.data(), large});
    resize_gradient(node.mode, node.factor, {full.data(), large}, channels_of(dx, k * one.channels, one));
  }
}

}  // namespace strata::reference
