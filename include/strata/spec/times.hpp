// SPDX-License-Identifier: MIT
// Numbers of output channels relative to the input: Conv<3, Times<2>>. They are ints, so that every template that takes
// a number of channels takes them too: the negative of factor and divisor side by side.
#pragma once

#include <strata/core/text/text.hpp>
#include <strata/graph/declared/builder.hpp>

#include <limits>

namespace strata {

namespace detail {

inline constexpr int times_bits = 16;  ///< of the divisor; the factor has one bit less

/// A factor and a divisor as one number of channels; 0, which every layer refuses, if they are not positive or too
/// large.
constexpr int times(int factor, int divisor) {
  const bool fit = factor > 0 && factor < 1 << (times_bits - 1) && divisor > 0 && divisor < 1 << times_bits;
  return fit ? -(factor << times_bits | divisor) : 0;
}
constexpr bool is_relative(int channels) { return channels <= -(1 << times_bits); }
constexpr int times_factor(int channels) { return -channels >> times_bits; }
constexpr int times_divisor(int channels) { return -channels & ((1 << times_bits) - 1); }

/// As declared: "16", "Times<2>" or "Times<1, 6>".
constexpr void spell_channels(core::Text& out, int channels) {
  if (!is_relative(channels)) {
    out << channels;
    return;
  }
  out << "Times<" << times_factor(channels);
  if (times_divisor(channels) != 1) out << ", " << times_divisor(channels);
  out << '>';
}

/// The number of output channels of a layer that is given `in`. Rejects what is not a positive int.
constexpr int output_channels(graph::Builder& b, graph::SpellFunction spell, Shape in, int channels) {
  using graph::Reason;
  if (channels > 0) return channels;
  const int divisor = is_relative(channels) ? times_divisor(channels) : 0;
  if (divisor == 0) {
    b.refuse(Reason::size_not_positive, spell, in);
    return 1;
  }
  const long product = long(in.channels) * times_factor(channels), count = product / divisor;
  if (count * divisor != product)
    b.refuse(Reason::number_out_of_range, spell, in, {}, "Times does not divide the channels of its input");
  if (count > std::numeric_limits<int>::max())
    b.refuse(Reason::number_out_of_range, spell, in, {}, "Times gives more channels than an int counts");
  return b.refused() ? 1 : int(count);
}

}  // namespace detail

/// `Factor / Divisor` times as many channels as the input has, in place of a number of output channels: Conv<1,
/// Times<6>> expands them, Conv<1, Times<1, 6>> reduces them again. Refused where that is not a whole number, at least
/// 1. The factor is less than 32,768, the divisor less than 65,536.
template <int Factor, int Divisor = 1>
inline constexpr int Times = detail::times(Factor, Divisor);

}  // namespace strata
