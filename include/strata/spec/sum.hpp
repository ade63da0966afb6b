// SPDX-License-Identifier: MIT
// The sum of branches.
#pragma once

#include <strata/spec/join.hpp>

namespace strata {

/// Adds the outputs of the branches, which read the same input: y = a(x) + b(x) + ...
/// H x W x C -> what each branch gives. Refuses branches that differ in shape, and no branch at all.
template <class... Branch>
struct Sum {
  using functors = detail::functors_of<Branch...>;
  static constexpr graph::Bound bound = detail::join_bound<Branch...>();
  static constexpr void spell(core::Text& out) { detail::spell_as<Branch...>(out, "Sum"); }
  static constexpr int lower(graph::Builder& b, int x) {
    return detail::lower_branches<Branch...>(b, x, graph::Op::sum, "Sum", &spell, nullptr);
  }
};

}  // namespace strata
