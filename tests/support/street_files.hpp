// SPDX-License-Identifier: MIT
// Small folders of labeled images for tests: noise around the color of the class, labels in blocks.
#pragma once

#include <strata/core/random.hpp>
#include <strata/data/camvid.hpp>
#include <strata/data/png.hpp>

#include <filesystem>
#include <string>
#include <vector>

#include "temporary_folder.hpp"

namespace strata::testing {

/// Labels of image `number`: blocks of 4 x 4 pixels of the classes 0 ... classes - 1 and of void (`classes`).
inline std::vector<std::uint8_t> block_labels(int height, int width, int classes, std::uint64_t number) {
  std::vector<std::uint8_t> out;
  for (int y = 0; y < height; y++)
    for (int x = 0; x < width; x++)
      out.push_back(
          std::uint8_t(core::Random{number, std::uint64_t(y / 4 * 1000 + x / 4)}.below(std::uint64_t(classes) + 1)));
  return out;
}

inline std::vector<std::uint8_t> noisy_image(const std::vector<std::uint8_t>& labels, std::uint64_t number) {
  std::vector<std::uint8_t> out;
  core::Random random{number, 0};
  for (const std::uint8_t label : labels)
    for (int c = 0; c < 3; c++) out.push_back(std::uint8_t(1 + label * (17 + c) % 200 + int(random.below(40))));
  return out;
}

/// Writes one image and its index labels into two folders of the SegNet layout.
inline void write_index_pair(const std::string& folder, const std::string& part, const std::string& name, int height,
                             int width, std::uint64_t number) {
  std::filesystem::create_directories(folder + "/" + part);
  std::filesystem::create_directories(folder + "/" + part + "annot");
  const auto labels = block_labels(height, width, 11, number);
  write(folder + "/" + part + "/" + name + ".png",
        data::encode_png(noisy_image(labels, number).data(), {height, width, 3}));
  write(folder + "/" + part + "annot/" + name + ".png", data::encode_png(labels.data(), {height, width, 1}));
}

/// Writes the SegNet layout: names t00, t01, ... and v00, v01, ...; the images are numbered consecutively.
inline void write_segnet(const std::string& folder, int train, int validation, int height, int width) {
  const auto name = [](char part, int i) { return std::string(1, part) + char('0' + i / 10) + char('0' + i % 10); };
  for (int i = 0; i < train; i++) write_index_pair(folder, "train", name('t', i), height, width, std::uint64_t(i));
  for (int i = 0; i < validation; i++)
    write_index_pair(folder, "val", name('v', i), height, width, std::uint64_t(train + i));
}

}  // namespace strata::testing
