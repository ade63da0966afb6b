// SPDX-License-Identifier: MIT
// Channels in another order.
#pragma once

#include <strata/graph/declared/builder.hpp>
#include <strata/spec/functor.hpp>

namespace strata {

/// Interleaves `Count` groups of channels, so that the next grouped convolution reads from each of them (Zhang et al.,
/// arXiv 1707.01083): y[j Count + g] = x[g n + j] for groups of n channels, as PyTorch's ChannelShuffle.
/// H x W x C -> H x W x C. Refuses groups that do not divide the channels.
template <int Count>
struct ChannelShuffle {
  using functors = spec::type_list<>;
  static constexpr graph::Bound bound{1, 0, 1};
  static constexpr void spell(core::Text& out) { out << "ChannelShuffle<" << Count << '>'; }
  static constexpr int lower(graph::Builder& b, int x) {
    b.begin("ChannelShuffle", &spell);
    const Shape in = b.shape(x);
    if (Count < 1 || in.channels % Count != 0) b.refuse(graph::Reason::groups_do_not_divide, &spell, in);
    return b.refused() ? x : b.add({.op = graph::Op::channel_shuffle, .out = in, .groups = Count}, x);
  }
};

}  // namespace strata
