// SPDX-License-Identifier: MIT
// Label maps as images.
#pragma once

#include <cstdint>
#include <vector>

#include <strata/core/shape.hpp>
#include <strata/data/class_list.hpp>
#include <strata/report/scene_plates.hpp>

namespace street_scenes {

/// [H][W][3]: the colors of the classes; void is black.
std::vector<std::uint8_t> colored(const std::int32_t* labels, long pixels, const strata::data::ClassList& classes);

/// [H][W][3]: the image tinted with the colors of the classes.
std::vector<std::uint8_t> overlaid(const std::uint8_t* picture, const std::int32_t* labels, long pixels,
                                   const strata::data::ClassList& classes);

/// The images for the report, without a caption.
strata::report::ScenePlate plate(const std::uint8_t* picture, const std::int32_t* truth, const std::int32_t* predicted,
                                 strata::Shape shape, const strata::data::ClassList& classes);

}  // namespace street_scenes
