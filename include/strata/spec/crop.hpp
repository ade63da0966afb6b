// SPDX-License-Identifier: MIT
// Crops to the size of another map.
#pragma once

#include <strata/spec/tap.hpp>

namespace strata {

namespace detail {

constexpr int lower_crop(graph::Builder& b, int x, Shape wanted, const char* kind, graph::SpellFunction spell) {
  const Shape in = b.shape(x);
  if (wanted.height > in.height || wanted.width > in.width)
    b.refuse(graph::Reason::crop_larger_than_input, spell, in, wanted);
  if (b.refused()) return x;
  b.begin(kind, spell);
  return b.add({.op = graph::Op::crop,
                .out = {wanted.height, wanted.width, in.channels},
                .offset_y = (in.height - wanted.height) / 2,
                .offset_x = (in.width - wanted.width) / 2},
               x);
}

}  // namespace detail

/// Crops to the center, with the rows and columns of the value that Tap<Name> names.
/// H x W x C -> H' x W' x C: y[r, c] = x[r + floor((H - H') / 2), ...], so an odd row or column is cut at the bottom or
/// right. Refuses a name that no Tap before it has, and a size larger than the input's.
template <core::FixedString Name>
struct CropTo {
  using functors = spec::type_list<>;
  static constexpr core::FixedString name = Name;  ///< of the Tap
  static constexpr graph::Bound bound{1, 0, 1};
  static constexpr void spell(core::Text& out) { out << "CropTo<\"" << Name.text << "\">"; }
  static constexpr int lower(graph::Builder& b, int x) {
    const int reference = detail::tapped_value(b, name.text, &spell, x);
    return b.refused() ? x : detail::lower_crop(b, x, b.shape(reference), "CropTo", &spell);
  }
};

/// Crops to the center, with the rows and columns of the network's input.
/// H x W x C -> H' x W' x C, as CropTo: y[r, c] = x[r + floor((H - H') / 2), ...]. Refuses a size larger than the
/// input's.
struct CropToInput {
  using functors = spec::type_list<>;
  static constexpr graph::Bound bound{1, 0, 1};
  static constexpr void spell(core::Text& out) { out << "CropToInput"; }
  static constexpr int lower(graph::Builder& b, int x) {
    return detail::lower_crop(b, x, b.shape(0), "CropToInput", &spell);
  }
};

}  // namespace strata
