// SPDX-License-Identifier: MIT
// `street_scenes generate`.
#include <fmt/format.h>

#include <strata/data/scenes.hpp>

#include "network.hpp"
#include "options.hpp"

namespace street_scenes {

int generate(const GenerateSettings& settings) {
  strata::generate_scenes(settings.folder, settings.count, settings.seed, shape_of(settings.size));
  fmt::print("{} drawn scenes of {} in {}; train with --data {}\n", settings.count, settings.size, settings.folder,
             settings.folder);
  return 0;
}

}  // namespace street_scenes
