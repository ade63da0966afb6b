// SPDX-License-Identifier: MIT
// The larger of branches, element by element.
#pragma once

#include <strata/spec/join.hpp>

namespace strata {

/// The largest of the branches' outputs, element by element, as torch.maximum: y = max(a(x), b(x), ...).
/// H x W x C -> what each branch gives. The largest takes the gradient; of two that are equal, each takes half. Refuses
/// branches that differ in shape, and no branch at all.
template <class... Branch>
struct Maximum {
  using functors = detail::functors_of<Branch...>;
  static constexpr graph::Bound bound = [] {
    graph::Bound bound = detail::join_bound<Branch...>();
    bound += {int(sizeof...(Branch)), 0, 0};
    return bound;
  }();
  static constexpr void spell(core::Text& out) { detail::spell_as<Branch...>(out, "Maximum"); }
  static constexpr int lower(graph::Builder& b, int x) {
    constexpr int count = sizeof...(Branch);
    int values[std::size_t(count + 1)]{};
    if (!detail::lower_each<Branch...>(b, x, &spell, nullptr, values)) return x;
    if (!detail::accept_same_shapes(b, x, &spell, values, count)) return x;
    b.begin("Maximum", &spell);
    for (int i = 1; i < count; i++) {
      const int both[] = {values[0], values[i]};
      values[0] = b.join(graph::Op::maximum, both, 2, b.shape(values[0]));
    }
    return values[0];
  }
};

}  // namespace strata
