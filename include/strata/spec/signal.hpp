// SPDX-License-Identifier: MIT
// Inputs of one dimension.
#pragma once

#include <strata/core/shape.hpp>
#include <strata/core/text/text.hpp>

namespace strata {

/// The network's input, in place of Image: signals of `Length` places, each with `Channels` values, at least 1 of both.
/// In memory they are [place][channel]; in the network they are maps of one row, 1 x Length x Channels, so that every
/// layer takes them. Conv1d and the pools of pool1d.hpp take their window along the places.
template <int Length, int Channels = 0>
struct Signal {
  static constexpr Shape shape{1, Length, Channels};  ///< of one signal
  static constexpr const char* kind = "Signal";       ///< in summaries
  static constexpr void spell(core::Text& out) { out << "Signal<" << Length << ", " << Channels << '>'; }
};

}  // namespace strata
