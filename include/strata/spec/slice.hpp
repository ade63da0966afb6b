// SPDX-License-Identifier: MIT
// Some of a map's channels.
#pragma once

#include <strata/graph/declared/builder.hpp>
#include <strata/spec/functor.hpp>

namespace strata {

namespace detail {

/// Adds a node with channels [first, first + count) of x to the current layer.
constexpr int add_slice(graph::Builder& b, int x, int first, int count) {
  const Shape in = b.shape(x);
  return b.add({.op = graph::Op::slice, .out = {in.height, in.width, count}, .offset_channel = first}, x);
}

}  // namespace detail

/// `Count` channels of the input, from channel `First` on: y[c] = x[First + c], PyTorch's x[:, First:First + Count].
/// H x W x C -> H x W x Count. Refuses channels that the input does not have.
template <int First, int Count>
struct Slice {
  using functors = spec::type_list<>;
  static constexpr graph::Bound bound{1, 0, 1};
  static constexpr void spell(core::Text& out) { out << "Slice<" << First << ", " << Count << '>'; }
  static constexpr int lower(graph::Builder& b, int x) {
    b.begin("Slice", &spell);
    const Shape in = b.shape(x);
    if (First < 0 || Count < 1) b.refuse(graph::Reason::size_not_positive, &spell, in);
    if (long(First) + Count > in.channels) b.refuse(graph::Reason::channels_beyond_input, &spell, in);
    return b.refused() ? x : detail::add_slice(b, x, First, Count);
  }
};

}  // namespace strata
