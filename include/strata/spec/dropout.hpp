// SPDX-License-Identifier: MIT
// Dropout of elements, of channels, and of whole images.
#pragma once

#include <strata/graph/declared/builder.hpp>
#include <strata/spec/functor.hpp>
#include <strata/spec/real.hpp>

namespace strata {

namespace detail {

constexpr int lower_dropout(graph::Builder& b, int x, const char* kind, graph::SpellFunction spell, double probability,
                            graph::Share share) {
  b.begin(kind, spell);
  const Shape in = b.shape(x);
  if (!(probability >= 0 && probability < 1)) b.refuse(graph::Reason::probability_out_of_range, spell, in);
  if (b.refused()) return x;
  return b.add({.op = graph::Op::dropout, .out = in, .share = share, .probability = probability}, x);
}

}  // namespace detail

/// In training, zeroes each element with probability p = `Probability`, from 0 to less than 1.
/// Training: y = x / (1 - p) with probability 1 - p, else 0. Inference: y = x. H x W x C -> H x W x C. Which elements
/// are zeroed follows from Model's seed, the iteration and the element (Srivastava et al., JMLR 15, 2014). Refuses a
/// probability out of its range.
template <Real Probability = Real{0.5}>
struct Dropout {
  using functors = spec::type_list<>;
  static constexpr graph::Bound bound{1, 0, 1};
  static constexpr void spell(core::Text& out) { out << "Dropout<" << Probability.value << '>'; }
  static constexpr int lower(graph::Builder& b, int x) {
    return detail::lower_dropout(b, x, "Dropout", &spell, Probability.value, graph::Share::element);
  }
};

/// Dropout of whole channels, as PyTorch's Dropout2d: one draw for each channel of each image (Tompson et al., arXiv
/// 1411.4280). H x W x C -> H x W x C. Refuses what Dropout refuses.
template <Real Probability = Real{0.5}>
struct ChannelDropout {
  using functors = spec::type_list<>;
  static constexpr graph::Bound bound{1, 0, 1};
  static constexpr void spell(core::Text& out) { out << "ChannelDropout<" << Probability.value << '>'; }
  static constexpr int lower(graph::Builder& b, int x) {
    return detail::lower_dropout(b, x, "ChannelDropout", &spell, Probability.value, graph::Share::channel);
  }
};

/// Stochastic depth: dropout of the whole value, with one draw for each image (Huang et al., arXiv 1603.09382).
/// H x W x C -> H x W x C. The last layer of a residual's body, which then only passes its input on:
/// Residual<Sequential<Conv<3, 8>, DropPath<0.1>>>. Refuses what Dropout refuses.
template <Real Probability = Real{0.5}>
struct DropPath {
  using functors = spec::type_list<>;
  static constexpr graph::Bound bound{1, 0, 1};
  static constexpr void spell(core::Text& out) { out << "DropPath<" << Probability.value << '>'; }
  static constexpr int lower(graph::Builder& b, int x) {
    return detail::lower_dropout(b, x, "DropPath", &spell, Probability.value, graph::Share::image);
  }
};

}  // namespace strata
