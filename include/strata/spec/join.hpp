// SPDX-License-Identifier: MIT
// Branches that start from one value and are joined: the common code of Residual, Sum and Concat.
#pragma once

#include <strata/spec/sequential.hpp>

namespace strata::detail {

/// Lowers every branch from x; values[i] becomes the value of branch i. `names`: default names of the branches in the
/// path; null: their positions. Returns whether all were accepted.
template <class... Branch>
constexpr bool lower_each(graph::Builder& b, int x, graph::SpellFunction spell, const char* const* names, int* values) {
  constexpr int count = sizeof...(Branch);
  constexpr Step steps[] = {nullptr, &as_layer<Branch>::lower...};
  constexpr const char* own_names[] = {nullptr, path_name<Branch>()...};
  if (count == 0) b.refuse(graph::Reason::no_branches, spell, b.shape(x));
  for (int i = 0; i < count && !b.refused(); i++) {
    const char* name = own_names[i + 1] ? own_names[i + 1] : names ? names[i] : nullptr;
    const int before = name ? b.enter(name) : b.enter(i);
    b.given = x;
    values[i] = steps[i + 1](b, x);
    b.leave(before);
  }
  b.given = x;
  return !b.refused();
}

/// Rejects the join at x because of the shapes of two branches.
constexpr void refuse_shapes(graph::Builder& b, graph::Reason why, graph::SpellFunction spell, int x, Shape first,
                             Shape other) {
  core::Text shapes;
  shapes << first << " and " << other;
  b.refuse(why, spell, b.shape(x), {}, shapes.text);
}

/// Whether the values have one shape; rejects the join at x if not.
constexpr bool accept_same_shapes(graph::Builder& b, int x, graph::SpellFunction spell, const int* values, int count) {
  for (int i = 1; i < count; i++)
    if (b.shape(values[i]) != b.shape(values[0]))
      refuse_shapes(b, graph::Reason::branches_differ_in_shape, spell, x, b.shape(values[0]), b.shape(values[i]));
  return !b.refused();
}

/// Lowers every branch from x and joins the results with `op`, a sum or a concat. `names`: as above.
template <class... Branch>
constexpr int lower_branches(graph::Builder& b, int x, graph::Op op, const char* kind, graph::SpellFunction spell,
                             const char* const* names) {
  constexpr int count = sizeof...(Branch);
  int values[std::size_t(count + 1)]{};
  if (!lower_each<Branch...>(b, x, spell, names, values)) return x;
  const Shape first = b.shape(values[0]);
  for (int i = 1; i < count; i++) {
    const Shape other = b.shape(values[i]);
    const bool same_size = other.height == first.height && other.width == first.width;
    if (same_size && (op == graph::Op::concat || other.channels == first.channels)) continue;
    refuse_shapes(
        b, op == graph::Op::sum ? graph::Reason::branches_differ_in_shape : graph::Reason::branches_differ_in_size,
        spell, x, first, other);
  }
  if (b.refused()) return x;
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
