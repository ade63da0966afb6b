// SPDX-License-Identifier: MIT
// Branches that start from one value and are joined: the common code of Residual, Sum and Concat.
#pragma once

#include <strata/spec/sequential.hpp>

namespace strata::detail {

/// Lowers every branch from x and joins the results with `op`. `names`: default names of the branches in the path;
/// null: their positions.
template <class... Branch>
constexpr int lower_branches(graph::Builder& b, int x, graph::Op op, const char* kind, graph::SpellFunction spell,
                             const char* const* names) {
  constexpr int count = sizeof...(Branch);
  constexpr Step steps[] = {nullptr, &as_layer<Branch>::lower...};
  constexpr const char* own_names[] = {nullptr, path_name<Branch>()...};
  int values[count + 1]{};
  if (count == 0) b.refuse(graph::Reason::no_branches, spell, b.shape(x));
  for (int i = 0; i < count && !b.refused(); i++) {
    const char* name = own_names[i + 1] ? own_names[i + 1] : names ? names[i] : nullptr;
    const int before = name ? b.enter(name) : b.enter(i);
    b.given = x;
    values[i] = steps[i + 1](b, x);
    b.leave(before);
  }
  if (b.refused()) return x;
  const Shape first = b.shape(values[0]);
  for (int i = 1; i < count; i++) {
    const Shape other = b.shape(values[i]);
    const bool same_size = other.height == first.height && other.width == first.width;
    if (same_size && (op == graph::Op::concat || other.channels == first.channels)) continue;
    core::Text shapes;
    shapes << first << " and " << other;
    b.refuse(op == graph::Op::sum ? graph::Reason::branches_differ_in_shape : graph::Reason::branches_differ_in_size, spell,
             b.shape(x), {}, shapes.text);
  }
  if (b.refused()) return x;
  b.given = x;
  b.begin(kind, spell);
  return count == 1 ? values[0] : b.join(op, values, count, first);
}

template <class... Branch>
constexpr graph::Bound join_bound() {
  graph::Bound bound = total_bound<Branch...>();
  bound += {1 + int(sizeof...(Branch)) / (graph::max_inputs - 1), 0, 1};
  return bound;
}

}  // namespace strata::detail
