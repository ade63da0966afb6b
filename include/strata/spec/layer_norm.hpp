// SPDX-License-Identifier: MIT
// Normalization of whole images, or of pixels.
#pragma once

#include <strata/spec/norm_options.hpp>

namespace strata {

/// Normalizes an image by the mean and variance of all its elements, or each pixel by those of its channels.
/// y = scale (x - mean) / sqrt(variance + epsilon) + shift (Ba et al., arXiv 1607.06450). H x W x C -> H x W x C. Scale
/// and shift have one number per element, C x H x W, as PyTorch's LayerNorm([C, H, W]); with EachPixel one per channel,
/// as its LayerNorm(C) on channels last. Options: Epsilon, NoAffine, EachPixel. Refuses means of one number.
template <class... Option>
struct LayerNormWith {
  using functors = spec::type_list<>;
  static constexpr graph::Bound bound{2, 2, 1};
  static constexpr void spell(core::Text& out) { detail::spell_norm<Option...>(out, "LayerNorm"); }
  static constexpr int lower(graph::Builder& b, int x) {
    constexpr spec::NormOptions o = detail::parse_norm_options<Option...>(true);
    return detail::lower_group_norm(b, x, "LayerNorm", &spell, 1,
                                    o.each_pixel ? graph::Share::channel : graph::Share::element, o);
  }
};

/// Normalizes an image by the mean and variance of all its elements, with epsilon 1e-5: see LayerNormWith.
using LayerNorm = LayerNormWith<>;

}  // namespace strata
