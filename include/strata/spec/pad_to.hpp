// SPDX-License-Identifier: MIT
// Maps in larger maps.
#pragma once

#include <strata/spec/functor.hpp>
#include <strata/spec/windowed.hpp>

namespace strata {

/// Pads to `Height` rows and `Width` columns: by default around the center, so that an odd row or column goes to the
/// bottom or right. y[r, c] = x[r - top, c - left], and around it zeros, or what Reflect, Replicate or Circular says.
/// H x W x C -> Height x Width x C. Options: Offset<top, left>, Reflect, Replicate, Circular. Refuses a size smaller
/// than the input's, a map that does not fit there, and padding that repeats more than the input has.
template <int Height, int Width, class... Option>
struct PadTo {
  using functors = spec::type_list<>;
  static constexpr graph::Bound bound{1, 0, 1};
  static constexpr void spell(core::Text& out) {
    out << "PadTo<" << Height << ", " << Width;
    detail::spell_options<Option...>(out);
    out << '>';
  }
  static constexpr int lower(graph::Builder& b, int x) {
    using graph::Reason;
    b.begin("PadTo", &spell);
    const Shape in = b.shape(x);
    const spec::WindowOptions o = detail::parse_options<Option...>();
    detail::check_options(b, &spell, in, o,
                          {.window = false, .dilation = false, .weights = false, .modes = true, .offset = true});
    const int top = o.offsets > 0 ? o.offset[0] : (Height - in.height) / 2,
              left = o.offsets > 0 ? o.offset[1] : (Width - in.width) / 2;
    if (o.offsets > 0 && (top < 0 || left < 0)) b.refuse(Reason::size_not_positive, &spell, in);
    if (long(top) + in.height > Height || long(left) + in.width > Width || top < 0 || left < 0)
      b.refuse(Reason::target_smaller_than_input, &spell, in,
               {in.height + (top > 0 ? top : 0), in.width + (left > 0 ? left : 0), 0});
    if (b.refused()) return x;
    return detail::add_pad(
        b, &spell, x, o.mode,
        {{.before = top, .after = Height - in.height - top}, {.before = left, .after = Width - in.width - left}});
  }
};

}  // namespace strata
