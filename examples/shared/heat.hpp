// SPDX-License-Identifier: MIT
// A heat map over a picture, for `predict --explain`.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace shared {

inline constexpr const char* explain_help =
    "also write where the network sees the class: a Grad-CAM overlay, red where it counts most";
inline constexpr const char* explain_layer_help =
    "the layer to look at, as report.html names it (default: the map that the layer of the scores reads)";

/// [H][W][3]: the picture [H][W][3] in gray, with yellow to red over it where the heat is. heat: 0 or more; the largest
/// is red.
inline std::vector<std::uint8_t> heated(const std::uint8_t* picture, const std::vector<float>& heat) {
  const float largest = heat.empty() ? 0 : *std::max_element(heat.begin(), heat.end());
  std::vector<std::uint8_t> out;
  out.reserve(heat.size() * 3);
  for (std::size_t i = 0; i < heat.size(); i++) {
    const std::uint8_t* const rgb = picture + 3 * i;
    const float gray = 0.299f * float(rgb[0]) + 0.587f * float(rgb[1]) + 0.114f * float(rgb[2]);
    const float share = largest > 0 && heat[i] > 0 ? std::min(1.f, heat[i] / largest) : 0,
                over = std::min(0.8f, 1.4f * share);
    const float color[3] = {255 - 39 * share, 220 - 195 * share, 60 - 32 * share};
    for (const float c : color) out.push_back(std::uint8_t(gray + over * (c - gray) + 0.5f));
  }
  return out;
}

/// A class's name as part of a file's name.
inline std::string in_file_name(const std::string& name) {
  std::string out;
  for (const char c : name.substr(0, 40)) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
    out += plain ? c : '_';
  }
  return out;
}

}  // namespace shared
