// SPDX-License-Identifier: MIT
// Label maps as pictures.
#pragma once

#include <cstdint>
#include <vector>

#include <strata/core/shape.hpp>
#include <strata/data/class_list.hpp>
#include <strata/report/scene_plates.hpp>

namespace street_scenes {

/// H x W x 3: the colours of the classes; what is void is black.
std::vector<std::uint8_t> coloured(const std::int32_t* labels, long pixels, const strata::ClassList& classes);

/// H x W x 3: the picture under the colours of the classes.
std::vector<std::uint8_t> overlaid(const std::uint8_t* picture, const std::int32_t* labels, long pixels,
                                   const strata::ClassList& classes);

/// For the report, without a caption.
strata::ScenePlate plate(const std::uint8_t* picture, const std::int32_t* truth, const std::int32_t* predicted,
                         strata::Shape shape, const strata::ClassList& classes);

}  // namespace street_scenes
