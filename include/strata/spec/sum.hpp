// SPDX-License-Identifier: MIT
// y = the sum of the branches.
#pragma once

#include <strata/spec/join.hpp>

namespace strata {

/// Adds the outputs of the branches. Their shapes must be equal.
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
