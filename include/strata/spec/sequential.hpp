// SPDX-License-Identifier: MIT
// One layer after another. A composite is an alias: template <int C> using Block = Sequential<Conv<3, C>, ReLU>.
#pragma once

#include <strata/core/text/text.hpp>
#include <strata/graph/declared/builder.hpp>
#include <strata/spec/layer.hpp>
#include <strata/spec/named.hpp>

namespace strata {

namespace detail {

/// A layer's `lower`, called through a pointer so that no template is needed per position.
using Step = int (*)(graph::Builder&, int);

template <class... Layer>
constexpr graph::Bound total_bound() {
  graph::Bound total;
  constexpr graph::Bound parts[] = {graph::Bound{}, as_layer<Layer>::bound...};
  for (const graph::Bound& part : parts) total += part;
  return total;
}

/// Lowers the parts in order, each under its name or position in the path.
template <class... Layer>
constexpr int lower_in_order(graph::Builder& b, int x) {
  constexpr Step steps[] = {nullptr, &as_layer<Layer>::lower...};
  constexpr const char* names[] = {nullptr, path_name<Layer>()...};
  for (int i = 1; i <= int(sizeof...(Layer)) && !b.refused(); i++) {
    const int before = names[i] ? b.enter(names[i]) : b.enter(i - 1);
    b.given = x;
    x = steps[i](b, x);
    b.leave(before);
  }
  return x;
}

template <class... Layer>
constexpr void spell_all(core::Text& out) {
  constexpr graph::SpellFunction parts[] = {nullptr, &as_layer<Layer>::spell...};
  for (int i = 1; i <= int(sizeof...(Layer)); i++) {
    if (i > 1) out << ", ";
    parts[i](out);
  }
}

/// Spells a layer whose arguments are layers: "Sum<Identity, ReLU>".
template <class... Layer>
constexpr void spell_as(core::Text& out, const char* kind) {
  out << kind << '<';
  spell_all<Layer...>(out);
  out << '>';
}

}  // namespace detail

/// A sequence of layers, used as one layer: y = the last of ... of the first of x. H x W x C -> what the last gives.
template <class... Layer>
struct Sequential {
  using functors = detail::functors_of<Layer...>;
  static constexpr graph::Bound bound = detail::total_bound<Layer...>();
  static constexpr void spell(core::Text& out) { detail::spell_as<Layer...>(out, "Sequential"); }
  static constexpr int lower(graph::Builder& b, int x) { return detail::lower_in_order<Layer...>(b, x); }
};

}  // namespace strata
