// SPDX-License-Identifier: MIT
// A drawn digit as the networks know it.
#pragma once

#include <strata/data/picture.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace digits {

inline constexpr int picture_size = 28;

/// A PNG or a JPEG, in grey.
strata::Picture read_drawing(const std::string& path);

/// MNIST's form of any grey picture: white ink on black, the ink fitted into 20 x 20 pixels and laid with its centre of
/// mass in the middle of 28 x 28. A picture of 28 x 28 is taken as it is, but for its ink. Throws strata::Error where
/// there is no ink.
std::vector<std::uint8_t> as_digit(const strata::Picture& picture, const std::string& name);

}  // namespace digits
