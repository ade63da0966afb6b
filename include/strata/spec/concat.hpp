// SPDX-License-Identifier: MIT
// y = the channels of the branches, one branch after another.
#pragma once

#include <strata/spec/join.hpp>

namespace strata {

/// Concatenates the branches along the channels. Their rows and columns must agree.
template <class... Branch>
struct Concat {
  using functors = detail::functors_of<Branch...>;
  static constexpr graph::Bound bound = detail::join_bound<Branch...>();
  static constexpr void spell(core::Text& out) { detail::spell_as<Branch...>(out, "Concat"); }
  static constexpr int lower(graph::Builder& b, int x) {
    return detail::lower_branches<Branch...>(b, x, graph::Op::concat, "Concat", &spell, nullptr);
  }
};

}  // namespace strata
