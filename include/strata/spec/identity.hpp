// SPDX-License-Identifier: MIT
// y = x: the default shortcut of a residual block.
#pragma once

#include <strata/graph/declared/builder.hpp>
#include <strata/spec/functor.hpp>

namespace strata {

struct Identity {
  using functors = spec::type_list<>;
  static constexpr graph::Bound bound{};
  static constexpr void spell(core::Text& out) { out << "Identity"; }
  static constexpr int lower(graph::Builder&, int x) { return x; }
};

}  // namespace strata
