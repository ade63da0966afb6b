// SPDX-License-Identifier: MIT
// The street scenes that a command works on.
#pragma once

#include <string>

#include <strata/data/resize.hpp>
#include <strata/data/segmentation_files.hpp>

#include "options.hpp"

namespace street_scenes {

struct Scenes {
  strata::SegmentationFiles files;
  std::string folder;
  bool generated = false;  ///< drawn by a program, not photographed
};

/// The folder that was given, scenes that are drawn now, or $STRATA_DATA/camvid. Throws strata::Error where there is none or
/// where its classes are not those of the networks.
Scenes obtain(const TrainSettings&);
Scenes open_scenes(const std::string& folder, const strata::SplitOptions& how = {});
/// As given, or $STRATA_DATA/camvid.
std::string data_folder(const std::string& given);
/// "refuse", "pad" or "scale".
strata::Resize resize_of(const std::string& word);

}  // namespace street_scenes
