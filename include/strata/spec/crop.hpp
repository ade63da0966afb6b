// SPDX-License-Identifier: MIT
// Crops to a size, or to that of another map.
#pragma once

#include <strata/spec/options.hpp>
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

/// Crops to `Height` rows and `Width` columns: by default to the center, as CropTo.
/// H x W x C -> Height x Width x C: y[r, c] = x[r + top, c + left]. Option: Offset<top, left>. Refuses what is not all
/// in the input.
template <int Height, int Width, class... Option>
struct Crop {
  using functors = spec::type_list<>;
  static constexpr graph::Bound bound{1, 0, 1};
  static constexpr void spell(core::Text& out) {
    out << "Crop<" << Height << ", " << Width;
    detail::spell_options<Option...>(out);
    out << '>';
  }
  static constexpr int lower(graph::Builder& b, int x) {
    using graph::Reason;
    const Shape in = b.shape(x);
    const spec::WindowOptions o = detail::parse_options<Option...>();
    detail::check_options(b, &spell, in, o, {.window = false, .dilation = false, .weights = false, .offset = true});
    if (Height < 1 || Width < 1 || o.offset[0] < 0 || o.offset[1] < 0) b.refuse(Reason::size_not_positive, &spell, in);
    if (o.offsets == 0) return detail::lower_crop(b, x, {Height, Width, 0}, "Crop", &spell);
    b.begin("Crop", &spell);
    const long bottom = long(o.offset[0]) + Height, right = long(o.offset[1]) + Width;
    if (bottom > in.height || right > in.width)
      b.refuse(Reason::crop_larger_than_input, &spell, in, {int(bottom), int(right), 0});
    if (b.refused()) return x;
    return b.add(
        {.op = graph::Op::crop, .out = {Height, Width, in.channels}, .offset_y = o.offset[0], .offset_x = o.offset[1]},
        x);
  }
};

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
