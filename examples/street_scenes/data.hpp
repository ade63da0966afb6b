// SPDX-License-Identifier: MIT
// The street scenes for a command.
#pragma once

#include <string>

#include <strata/data/resize.hpp>
#include <strata/data/segmentation_files.hpp>

#include "options.hpp"

namespace street_scenes {

struct Scenes {
  strata::data::SegmentationFiles files;
  std::string folder;
  long bytes = 0;          ///< of all images and labels, as files
  bool generated = false;  ///< drawn by a program, not photographed
};

/// Opens the given folder, draws scenes, or opens $STRATA_DATA/camvid. Throws strata::Error if there is none or its
/// number of classes differs from the networks'.
Scenes obtain(const TrainSettings&);
Scenes open_scenes(const std::string& folder, const strata::data::SplitOptions& how = {});
/// `given`, or if that is empty, $STRATA_DATA/camvid. Throws strata::Error if there is none.
std::string data_folder(const std::string& given);
/// "refuse", "pad" or "scale".
strata::data::Resize resize_of(const std::string& word);

}  // namespace street_scenes
