// SPDX-License-Identifier: MIT
// No layer at all, where one is expected.
#pragma once

#include <strata/graph/declared/builder.hpp>
#include <strata/spec/functor.hpp>

namespace strata {

/// Passes its input on: y = x, the default shortcut of Residual. H x W x C -> H x W x C.
struct Identity {
  using functors = spec::type_list<>;
  static constexpr graph::Bound bound{};
  static constexpr void spell(core::Text& out) { out << "Identity"; }
  static constexpr int lower(graph::Builder&, int x) { return x; }
};

}  // namespace strata
