// SPDX-License-Identifier: MIT
// Results as xtensor arrays: views of the memory that the library wrote, without a copy. A header of its own, since
// including xtensor costs more than the whole of <strata/strata.hpp>; arrays that go in need no header at all.
#pragma once

#include <strata/core/shape.hpp>

#include <xtensor/xadapt.hpp>
#include <xtensor/xtensor.hpp>

#include <array>

namespace strata {

/// N x H x W x C view of `count` results of shape `shape`: probabilities, score maps.
inline auto as_xtensor(const float* data, int count, Shape shape) {
  const std::array<std::size_t, 4> dims{std::size_t(count), std::size_t(shape.height), std::size_t(shape.width),
                                        std::size_t(shape.channels)};
  return xt::adapt(data, std::size_t(count) * std::size_t(shape.size()), xt::no_ownership(), dims);
}

/// N x H x W map of the most probable class of each pixel (of each image: H = W = 1).
inline xt::xtensor<int, 3> most_probable(const float* data, int count, Shape shape) {
  xt::xtensor<int, 3> classes(std::array<std::size_t, 3>{std::size_t(count), std::size_t(shape.height), std::size_t(shape.width)});
  const long pixels = long(count) * shape.pixels();
  for (long i = 0; i < pixels; i++, data += shape.channels) {
    int best = 0;
    for (int c = 1; c < shape.channels; c++)
      if (data[c] > data[best]) best = c;
    classes.data()[i] = best;
  }
  return classes;
}

}  // namespace strata
