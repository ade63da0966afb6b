// SPDX-License-Identifier: MIT
// Larger maps.
#pragma once

#include <strata/spec/functor.hpp>
#include <strata/spec/options.hpp>

namespace strata {

/// Option of Upsample: the fixed bilinear transposed convolution (kernel 2F, stride F, crop F / 2) of MATLAB's
/// DeepLabv3+, which treats the outside of the border as zeros. F must be even. Without this option: half-pixel centers
/// and a replicated border.
struct ZeroExtended {
  static constexpr void spell(core::Text& out) { out << "ZeroExtended"; }
};

/// Enlarges the rows and columns by `Factor` (at least 1), by bilinear interpolation.
/// H x W x C -> Factor H x Factor W x C. Output row r shows the input at (r + 1/2) / Factor - 1/2, as PyTorch's
/// interpolate without align_corners. Option: ZeroExtended. Refuses a factor below 1, and an odd one with ZeroExtended.
template <int Factor, class... Option>
struct Upsample {
  using functors = spec::type_list<>;
  static constexpr graph::Bound bound{1, 0, 1};
  static constexpr bool zero_extended = sizeof...(Option) > 0;  ///< whether that option is given
  static constexpr void spell(core::Text& out) {
    out << "Upsample<" << Factor;
    detail::spell_options<Option...>(out);
    out << '>';
  }
  static constexpr int lower(graph::Builder& b, int x) {
    b.begin("Upsample", &spell);
    const Shape in = b.shape(x);
    if (Factor < 1) b.refuse(graph::Reason::size_not_positive, &spell, in);
    if (!(std::same_as<Option, ZeroExtended> && ...) || sizeof...(Option) > 1)
      b.refuse(graph::Reason::not_an_option, &spell, in, {}, "it takes ZeroExtended, once");
    if (zero_extended && Factor % 2 != 0)
      b.refuse(graph::Reason::options_contradict, &spell, in, {}, "ZeroExtended needs an even factor");
    if (b.refused()) return x;
    return b.add({.op = graph::Op::resize,
                  .out = {in.height * Factor, in.width * Factor, in.channels},
                  .factor = Factor,
                  .mode = zero_extended ? graph::Resize::zero_extended : graph::Resize::half_pixel},
                 x);
  }
};

}  // namespace strata
