// SPDX-License-Identifier: MIT
// Maps of a given size.
#pragma once

#include <strata/spec/functor.hpp>
#include <strata/spec/options.hpp>

namespace strata {

/// Option of Resize and Upsample: each pixel is a copy of one of the input, y[r] = x[floor(r H / H')], as PyTorch's
/// interpolate with mode "nearest". (PyTorch rounds H / H' to a float, and at a few sizes copies the pixel before it.)
struct Nearest {
  static constexpr auto interpolation = graph::Interpolation::nearest;  ///< what the node does
  static constexpr void spell(core::Text& out) { out << "Nearest"; }
};

/// Option of Resize and Upsample: bilinear with corners on corners; output row r shows the input at
/// r (H - 1) / (H' - 1), at 0 if H' is 1, as PyTorch's interpolate with align_corners.
struct AlignCorners {
  static constexpr auto interpolation = graph::Interpolation::aligned_corners;  ///< what the node does
  static constexpr void spell(core::Text& out) { out << "AlignCorners"; }
};

namespace detail {

template <class Option>
inline constexpr bool is_interpolation = requires {
  Option::interpolation;
};

/// That of the option; without one, bilinear with half-pixel centers.
template <class... Option>
constexpr graph::Interpolation interpolation_of() {
  graph::Interpolation chosen = graph::Interpolation::half_pixel;
  (
      [&] {
        if constexpr (is_interpolation<Option>) chosen = Option::interpolation;
      }(),
      ...);
  return chosen;
}

/// Adds the node that gives x these rows and columns. An enlargement of both by the same whole factor is `resize`,
/// which the passes and the loss know; anything else is `resample`.
constexpr int add_resize(graph::Builder& b, int x, Size to, graph::Interpolation mode) {
  const Shape in = b.shape(x), out{to.height, to.width, in.channels};
  const int factor = out.height / in.height;
  const bool whole = out.height == factor * in.height && out.width == factor * in.width;
  if (mode == graph::Interpolation::zero_extended || (mode == graph::Interpolation::half_pixel && whole))
    return b.add({.op = graph::Op::resize, .out = out, .factor = factor, .mode = mode}, x);
  return b.add({.op = graph::Op::resample, .out = out, .mode = mode}, x);
}

}  // namespace detail

/// Gives a map `Height` rows and `Width` columns, more or fewer than it has, by bilinear interpolation.
/// H x W x C -> Height x Width x C. Output row r shows the input at (r + 1/2) H / Height - 1/2, as PyTorch's
/// interpolate without align_corners (and without antialias). Option: Nearest or AlignCorners. Refuses sizes below 1.
template <int Height, int Width, class... Option>
struct Resize {
  using functors = spec::type_list<>;
  static constexpr graph::Bound bound{1, 0, 1};
  static constexpr void spell(core::Text& out) {
    out << "Resize<" << Height << ", " << Width;
    detail::spell_options<Option...>(out);
    out << '>';
  }
  static constexpr int lower(graph::Builder& b, int x) {
    b.begin("Resize", &spell);
    const Shape in = b.shape(x);
    const graph::Interpolation mode = detail::interpolation_of<Option...>();
    if (Height < 1 || Width < 1) b.refuse(graph::Reason::size_not_positive, &spell, in);
    if (!(detail::is_interpolation<Option> && ...) || sizeof...(Option) > 1 ||
        mode == graph::Interpolation::zero_extended)
      b.refuse(graph::Reason::not_an_option, &spell, in, {}, "it takes Nearest or AlignCorners, once");
    return b.refused() ? x : detail::add_resize(b, x, {Height, Width}, mode);
  }
};

}  // namespace strata
