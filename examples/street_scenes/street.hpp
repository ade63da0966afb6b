// SPDX-License-Identifier: MIT
// The networks as types, for the host's compiler and for nvcc.
#pragma once

#include <strata/models/deeplab_v3_plus.hpp>

namespace street_scenes {

template <int Height, int Width, class Variant, class Depths>
using Street = strata::DeepLabv3Plus<strata::Image<Height, Width, 3>, STRATA_STREET_CLASSES, Variant, Depths>;

/// ResNet-18's depths, and those of a trunk with one more block in the last stage.
using Usual = strata::models::Depths<2, 2, 2, 2>;
using Deeper = strata::models::Depths<2, 2, 2, 3>;

}  // namespace street_scenes
