// SPDX-License-Identifier: MIT
// ReLU with learned slopes.
#pragma once

#include <strata/graph/declared/builder.hpp>
#include <strata/spec/functor.hpp>

namespace strata {

namespace detail {

constexpr int lower_prelu(graph::Builder& b, int x, const char* kind, graph::SpellFunction spell, graph::Share share) {
  b.begin(kind, spell);
  const Shape in = b.shape(x);
  graph::Node node{.op = graph::Op::prelu, .out = in, .share = share};
  const int slopes = int(graph::shared_numbers(share, in));
  node.weights = b.parameter({.role = graph::Role::slope, .rank = 1, .dims = {slopes, 1, 1, 1}, .l2_factor = 0});
  return b.refused() ? x : b.add(node, x);
}

}  // namespace detail

/// A ReLU with one learned slope: y = x where x > 0, else slope x (He et al., arXiv 1502.01852), as PyTorch's PReLU.
/// H x W x C -> H x W x C. The slope begins at 0.25; L2 regularization and weight decay leave it alone.
struct PReLU {
  using functors = spec::type_list<>;
  static constexpr graph::Bound bound{1, 1, 1};
  static constexpr void spell(core::Text& out) { out << "PReLU"; }
  static constexpr int lower(graph::Builder& b, int x) {
    return detail::lower_prelu(b, x, "PReLU", &spell, graph::Share::image);
  }
};

/// PReLU with one slope per channel, as PyTorch's PReLU(C). H x W x C -> H x W x C.
struct ChannelPReLU {
  using functors = spec::type_list<>;
  static constexpr graph::Bound bound{1, 1, 1};
  static constexpr void spell(core::Text& out) { out << "ChannelPReLU"; }
  static constexpr int lower(graph::Builder& b, int x) {
    return detail::lower_prelu(b, x, "ChannelPReLU", &spell, graph::Share::channel);
  }
};

}  // namespace strata
