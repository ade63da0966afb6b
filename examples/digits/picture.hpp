// SPDX-License-Identifier: MIT
// Converts a drawn digit to the networks' input format.
#pragma once

#include <strata/data/picture.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace digits {

inline constexpr int picture_size = 28;

/// Reads a PNG or JPEG as grayscale.
strata::data::Picture read_drawing(const std::string& path);

/// Converts a grayscale image to MNIST's format: white ink on black, the ink scaled to 20 x 20 pixels and placed with
/// its center of mass in the middle of 28 x 28. A 28 x 28 image is only inverted, if its ink is dark. Throws
/// strata::Error if there is no ink.
std::vector<std::uint8_t> as_digit(const strata::data::Picture& picture, const std::string& name);

}  // namespace digits
