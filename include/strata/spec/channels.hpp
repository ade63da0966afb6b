// SPDX-License-Identifier: MIT
// Numbers of output channels, also relative to the input: Conv<3, 16>, Conv<3, Times<2>>.
#pragma once

#include <strata/core/text/text.hpp>
#include <strata/graph/declared/builder.hpp>

#include <limits>

namespace strata {

/// Output channels as a template argument: a number, or Times of the input's channels. An alias that takes either writes
/// `template <Channels C> using Block = Sequential<Conv<3, C>, BatchNorm, ReLU>;`.
struct Channels {
  int count;               ///< of them, at least 1; or what the input's are multiplied by
  int divisor = 1;         ///< what the product is divided by
  bool is_relative = false;  ///< whether they are Times of the input's
  /// That many.
  constexpr Channels(int number) : count(number) {}
  /// factor / by of the input's.
  constexpr Channels(int factor, int by) : count(factor), divisor(by), is_relative(true) {}
  constexpr bool operator==(const Channels&) const = default;
  friend constexpr core::Text& operator<<(core::Text& out, Channels channels) {
    if (!channels.is_relative) return out << channels.count;
    out << "Times<" << channels.count;
    if (channels.divisor != 1) out << ", " << channels.divisor;
    return out << '>';
  }
};

/// `Factor / Divisor` times as many channels as the input has: Conv<1, Times<6>> expands them, Conv<1, Times<1, 6>>
/// reduces them again. Refused where that is not a whole number, at least 1.
template <int Factor, int Divisor = 1>
inline constexpr Channels Times{Factor, Divisor};

namespace detail {

/// The number of output channels of a layer that is given `in`. Rejects what is not a positive int.
constexpr int channels_of(graph::Builder& b, graph::SpellFunction spell, Shape in, Channels channels) {
  using graph::Reason;
  if (channels.count < 1 || channels.divisor < 1) {
    b.refuse(Reason::size_not_positive, spell, in);
    return 1;
  }
  const long product = channels.is_relative ? long(in.channels) * channels.count : channels.count;
  const long count = product / channels.divisor;
  if (count * channels.divisor != product)
    b.refuse(Reason::number_out_of_range, spell, in, {}, "Times does not divide the channels of its input");
  if (count > std::numeric_limits<int>::max())
    b.refuse(Reason::number_out_of_range, spell, in, {}, "Times gives more channels than an int counts");
  return b.refused() ? 1 : int(count);
}

}  // namespace detail
}  // namespace strata
