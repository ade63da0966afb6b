// SPDX-License-Identifier: MIT
// Residual blocks.
#pragma once

#include <strata/spec/identity.hpp>
#include <strata/spec/join.hpp>

namespace strata {

/// Residual block: y = `Body`(x) + `Shortcut`(x) (He et al., arXiv 1512.03385).
/// H x W x C -> what both give. Refuses a body and a shortcut that differ in shape, and
/// a third argument.
template <class Body, class Shortcut = Identity, class... More>
struct Residual {
  using functors = detail::functors_of<Body, Shortcut>;
  static constexpr graph::Bound bound = detail::join_bound<Body, Shortcut>();
  static constexpr void spell(core::Text& out) { detail::spell_as<Body, Shortcut, More...>(out, "Residual"); }
  static constexpr int lower(graph::Builder& b, int x) {
    if (sizeof...(More) > 0) b.refuse(graph::Reason::third_branch, &spell, b.shape(x));
    if (b.refused()) return x;
    constexpr const char* names[] = {"body", "shortcut"};
    return detail::lower_branches<Body, Shortcut>(b, x, graph::Op::sum, "Residual", &spell, names);
  }
};

}  // namespace strata
