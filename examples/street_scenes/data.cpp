// SPDX-License-Identifier: MIT
#include "data.hpp"

#include <cstdlib>
#include <filesystem>
#include <system_error>

#include <strata/core/files/file.hpp>
#include "scenes/scenes.hpp"

#include "../shared/interruption.hpp"
#include "network.hpp"

namespace street_scenes {

namespace {

/// Bytes of the files; those that cannot be read are refused later, by their reader.
long bytes_of(const std::vector<strata::data::ImagePair>& pairs) {
  long sum = 0;
  for (const strata::data::ImagePair& pair : pairs)
    for (const std::string& path : {pair.image, pair.label}) {
      std::error_code failed;
      const std::uintmax_t size = std::filesystem::file_size(path, failed);
      if (!failed) sum += long(size);
    }
  return sum;
}

}  // namespace

Scenes open_scenes(const std::string& folder, const strata::data::SplitOptions& how) {
  Scenes out{.files = strata::data::open_segmentation(folder, how), .folder = folder};
  out.bytes = bytes_of(out.files.train) + bytes_of(out.files.validation) + bytes_of(out.files.test);
  out.generated = strata::are_generated(folder);
  strata::data::check_class_count(out.files.classes, classes, folder);
  if (out.generated) out.files.name = "generated scenes";
  return out;
}

std::string data_folder(const std::string& given) {
  if (!given.empty()) return given;
  if (const char* const root = std::getenv("STRATA_DATA"))
    if (strata::data::folder_exists(std::string(root) + "/camvid")) return std::string(root) + "/camvid";
  throw strata::Error(
      "no street scenes were found: give --data DIR, or set STRATA_DATA to a folder that holds CamVid in camvid; "
      "street_scenes generate DIR N draws some to try");
}

namespace {

/// The folder of the generated scenes that the settings require; draws them if they do not exist yet.
std::string drawn(const TrainSettings& t) {
  const strata::Shape size = shape_of(t.size);
  std::string folder =
      strata::core::sentence(t.out, "/generated/", t.generate, "-scenes-", t.size, "-seed-", std::to_string(t.seed));
  if (!strata::are_generated(folder))
    strata::generate_scenes(folder, t.generate, t.seed, size, 0, &shared::stop_requested);
  return folder;
}

}  // namespace

Scenes obtain(const TrainSettings& settings) {
  strata::data::SplitOptions how;
  how.seed = settings.seed;
  if (settings.splits == "random") how.how = strata::data::Split::random;
  if (settings.splits == "lists") how.how = strata::data::Split::lists;
  return open_scenes(settings.generate ? drawn(settings) : data_folder(settings.data), how);
}

strata::data::Resize resize_of(const std::string& word) {
  return word == "pad"     ? strata::data::Resize::pad
         : word == "scale" ? strata::data::Resize::scale
                           : strata::data::Resize::refuse;
}

}  // namespace street_scenes
