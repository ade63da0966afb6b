// SPDX-License-Identifier: MIT
// y = the channels of the branches one after another; rows and columns must agree.
#pragma once

#include <strata/spec/join.hpp>

namespace strata {

template <class... Branch>
struct Concat {
  using functors = typename detail::Concatenated<typename Branch::functors...>::type;
  static constexpr graph::Bound bound = detail::join_bound<Branch...>();
  static constexpr void spell(Text& out) {
    out << "Concat<";
    detail::spell_all<Branch...>(out);
    out << '>';
  }
  static constexpr int lower(graph::Builder& b, int x) {
    return detail::lower_branches<Branch...>(b, x, graph::Op::concat, "Concat", &spell, nullptr);
  }
};

}  // namespace strata
