// SPDX-License-Identifier: MIT
// Normalization of each channel of an image.
#pragma once

#include <strata/spec/norm_options.hpp>

namespace strata {

/// Normalizes each channel of an image by the mean and variance of its pixels.
/// y = (x - mean) / sqrt(variance + epsilon) (Ulyanov et al., arXiv 1607.08022); with Affine, times a scale plus a
/// shift per channel; as PyTorch's InstanceNorm2d, without running statistics. H x W x C -> H x W x C. Options:
/// Epsilon, Affine. Refuses maps of one pixel.
template <class... Option>
struct InstanceNormWith {
  using functors = spec::type_list<>;
  static constexpr graph::Bound bound{2, 2, 1};
  static constexpr void spell(core::Text& out) { detail::spell_norm<Option...>(out, "InstanceNorm"); }
  static constexpr int lower(graph::Builder& b, int x) {
    return detail::lower_group_norm(b, x, "InstanceNorm", &spell, b.shape(x).channels, graph::Share::channel,
                                    detail::parse_norm_options<Option...>(false));
  }
};

/// Normalizes each channel of an image, with epsilon 1e-5, without scale and shift: see InstanceNormWith.
using InstanceNorm = InstanceNormWith<>;

}  // namespace strata
