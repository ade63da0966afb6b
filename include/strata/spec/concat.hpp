// SPDX-License-Identifier: MIT
// Branches joined by their channels.
#pragma once

#include <strata/spec/join.hpp>

namespace strata {

/// Concatenates the outputs of the branches along the channels.
/// H x W x C -> H' x W' x D: y = the channels of the first branch, then those of the second, ... All branches read the
/// same input. Refuses branches that differ in rows or columns, and no branch at all.
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
