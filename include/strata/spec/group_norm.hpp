// SPDX-License-Identifier: MIT
// Normalization of groups of channels.
#pragma once

#include <strata/spec/norm_options.hpp>

namespace strata {

/// Normalizes each of `Groups` equal parts of an image's channels by the mean and variance of its elements.
/// y = scale (x - mean) / sqrt(variance + epsilon) + shift, with a scale and a shift per channel (Wu and He, arXiv
/// 1803.08494), as PyTorch's GroupNorm. H x W x C -> H x W x C. Nothing depends on the other images of the batch.
/// Options: Epsilon, NoAffine, EachPixel. Refuses groups that do not divide the channels, and means of one number.
template <int Groups, class... Option>
struct GroupNorm {
  using functors = spec::type_list<>;
  static constexpr graph::Bound bound{2, 2, 1};
  static constexpr void spell(core::Text& out) {
    out << "GroupNorm<" << Groups;
    detail::spell_options<Option...>(out);
    out << '>';
  }
  static constexpr int lower(graph::Builder& b, int x) {
    return detail::lower_group_norm(b, x, "GroupNorm", &spell, Groups, graph::Share::channel,
                                    detail::parse_norm_options<Option...>(true));
  }
};

}  // namespace strata
