// SPDX-License-Identifier: MIT
// Channels as pixels, and pixels as channels.
#pragma once

#include <strata/graph/declared/builder.hpp>
#include <strata/spec/functor.hpp>

namespace strata {

/// Makes each pixel's channels a block of `Factor` x `Factor` pixels (Shi et al., arXiv 1609.05158), as PyTorch's
/// PixelShuffle: y[c, r Factor + i, k Factor + j] = x[c Factor^2 + i Factor + j, r, k].
/// H x W x C -> Factor H x Factor W x C / Factor^2. Refuses channels that the square of the factor does not divide.
template <int Factor>
struct PixelShuffle {
  using functors = spec::type_list<>;
  static constexpr graph::Bound bound{1, 0, 1};
  static constexpr void spell(core::Text& out) { out << "PixelShuffle<" << Factor << '>'; }
  static constexpr int lower(graph::Builder& b, int x) {
    using graph::Reason;
    b.begin("PixelShuffle", &spell);
    const Shape in = b.shape(x);
    if (Factor < 1) b.refuse(Reason::size_not_positive, &spell, in);
    else if (in.channels % (long(Factor) * Factor) != 0)
      b.refuse(Reason::factor_does_not_divide, &spell, in, {}, "its square does not divide the channels");
    if (b.refused()) return x;
    return b.add({.op = graph::Op::pixel_shuffle,
                  .out = {in.height * Factor, in.width * Factor, in.channels / (Factor * Factor)}},
                 x);
  }
};

/// Makes each block of `Factor` x `Factor` pixels the channels of one, the inverse of PixelShuffle and PyTorch's
/// PixelUnshuffle: y[c Factor^2 + i Factor + j, r, k] = x[c, r Factor + i, k Factor + j].
/// H x W x C -> H / Factor x W / Factor x C Factor^2. Refuses rows or columns that the factor does not divide.
template <int Factor>
struct PixelUnshuffle {
  using functors = spec::type_list<>;
  static constexpr graph::Bound bound{1, 0, 1};
  static constexpr void spell(core::Text& out) { out << "PixelUnshuffle<" << Factor << '>'; }
  static constexpr int lower(graph::Builder& b, int x) {
    using graph::Reason;
    b.begin("PixelUnshuffle", &spell);
    const Shape in = b.shape(x);
    if (Factor < 1) b.refuse(Reason::size_not_positive, &spell, in);
    else if (in.height % Factor != 0 || in.width % Factor != 0)
      b.refuse(Reason::factor_does_not_divide, &spell, in, {}, "it does not divide the rows and columns");
    if (b.refused()) return x;
    return b.add({.op = graph::Op::pixel_unshuffle,
                  .out = {in.height / Factor, in.width / Factor, in.channels * Factor * Factor}},
                 x);
  }
};

}  // namespace strata
