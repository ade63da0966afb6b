// SPDX-License-Identifier: MIT
// What is seen around a map: along each axis, the pixel of the map that a position outside of it repeats.
#pragma once

#include <strata/core/device.hpp>

namespace strata::core {

/// What a position outside of a map shows.
enum class Padding : unsigned char {
  zeros,
  reflect,    ///< the map mirrored at its border pixel, which is not repeated: c b [a b c d] c b
  replicate,  ///< the border pixel: a a [a b c d] d d
  circular    ///< the map's other side: c d [a b c d] a b
};

/// The pixel, of `size` along an axis, that is seen at a position; -1: a zero. With reflect, a position is less than
/// `size` pixels away from the map, with circular at most `size`.
STRATA_DEVICE constexpr int padded_source(Padding padding, int position, int size) {
  if (position >= 0 && position < size) return position;
  const bool before = position < 0;
  if (padding == Padding::reflect) return before ? -position : 2 * (size - 1) - position;
  if (padding == Padding::replicate) return before ? 0 : size - 1;
  if (padding == Padding::circular) return before ? position + size : position - size;
  return -1;
}

/// Calls visit(place), in order, for each place of the padded axis that shows a pixel. before: places in front of the
/// map; padded: all of them.
template <class Visit>
STRATA_DEVICE constexpr void for_each_copy(Padding padding, int pixel, int size, int before, int padded, Visit visit) {
  const auto visit_border = [&](int first, int end) {
    for (int place = first; place < end; place++)
      if (padded_source(padding, place - before, size) == pixel) visit(place);
  };
  visit_border(0, before);
  visit(before + pixel);
  visit_border(before + size, padded);
}

}  // namespace strata::core
