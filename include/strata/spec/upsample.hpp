// SPDX-License-Identifier: MIT
// Larger maps.
#pragma once

#include <strata/spec/resize.hpp>

namespace strata {

/// Option of Upsample: the fixed bilinear transposed convolution (kernel 2F, stride F, crop F / 2) of MATLAB's
/// DeepLabv3+, which treats the outside of the border as zeros. F must be even. Without this option: half-pixel centers
/// and a replicated border.
struct ZeroExtended {
  static constexpr auto interpolation = graph::Interpolation::zero_extended;  ///< what the node does
  static constexpr void spell(core::Text& out) { out << "ZeroExtended"; }
};

/// Enlarges the rows and columns by `Factor` (at least 1), by bilinear interpolation; Size{2, 3} stands for different
/// factors. H x W x C -> Factor H x Factor W x C. Output row r shows the input at (r + 1/2) / Factor - 1/2, as
/// PyTorch's interpolate without align_corners. Option: ZeroExtended, Nearest or AlignCorners. Refuses a factor below
/// 1, and with ZeroExtended an odd one, and two that differ.
template <Size Factor, class... Option>
struct Upsample {
  using functors = spec::type_list<>;
  static constexpr graph::Bound bound{1, 0, 1};
  static constexpr bool zero_extended =
      detail::interpolation_of<Option...>() == graph::Interpolation::zero_extended;  ///< whether that option is given
  static constexpr void spell(core::Text& out) {
    out << "Upsample<" << Factor;
    detail::spell_options<Option...>(out);
    out << '>';
  }
  static constexpr int lower(graph::Builder& b, int x) {
    b.begin("Upsample", &spell);
    const Shape in = b.shape(x);
    if (Factor.height < 1 || Factor.width < 1) b.refuse(graph::Reason::size_not_positive, &spell, in);
    if (!(detail::is_interpolation<Option> && ...) || sizeof...(Option) > 1)
      b.refuse(graph::Reason::not_an_option, &spell, in, {}, "it takes ZeroExtended, Nearest or AlignCorners, once");
    if (zero_extended && (Factor.height % 2 != 0 || Factor.height != Factor.width))
      b.refuse(graph::Reason::options_contradict, &spell, in, {}, "ZeroExtended needs one even factor");
    if (b.refused()) return x;
    return detail::add_resize(b, x, {in.height * Factor.height, in.width * Factor.width},
                              detail::interpolation_of<Option...>());
  }
};

}  // namespace strata
