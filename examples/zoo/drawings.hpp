// SPDX-License-Identifier: MIT
// Drawings of ten classes, for trainings where no photographs are at hand: shapes and textures of any colors, sizes and
// directions, with uneven light, a bar across them and noise.
#pragma once

#include <cstdint>
#include <vector>

namespace zoo {

inline constexpr int drawn_classes = 10;
/// Sorted.
inline constexpr const char* drawn_names[drawn_classes] = {"checks", "cross", "disc",    "dots",     "frame",
                                                           "ring",   "star",  "stripes", "triangle", "waves"};

/// A drawing of class `kind`, size x size x 3. It depends on the three numbers alone.
std::vector<std::uint8_t> drawing(int kind, std::uint64_t seed, std::uint64_t number, int size);

}  // namespace zoo
