// SPDX-License-Identifier: MIT
// Residual blocks.
#pragma once

#include <strata/spec/identity.hpp>
#include <strata/spec/join.hpp>

namespace strata {

/// Residual block: y = `Body`(x) + `Shortcut`(x) (He et al., arXiv 1512.03385).
/// H x W x C -> what both give. Refuses a body and a shortcut that differ in shape.
template <class Body, class Shortcut = Identity>
struct Residual {
  using functors = detail::functors_of<Body, Shortcut>;
  static constexpr graph::Bound bound = detail::join_bound<Body, Shortcut>();
  static constexpr void spell(core::Text& out) { detail::spell_as<Body, Shortcut>(out, "Residual"); }
  static constexpr int lower(graph::Builder& b, int x) {
    constexpr const char* names[] = {"body", "shortcut"};
    return detail::lower_branches<Body, Shortcut>(b, x, graph::Op::sum, "Residual", &spell, names);
  }
};

}  // namespace strata
