// SPDX-License-Identifier: MIT
// `street_scenes generate`.
#include "scenes/scenes.hpp"

#include "../shared/interruption.hpp"
#include "../shared/say.hpp"
#include "network.hpp"
#include "options.hpp"

namespace street_scenes {

int generate(const GenerateSettings& settings) {
  shared::listen_for_interruption();
  strata::generate_scenes(settings.folder, settings.count, settings.seed, shape_of(settings.size), 0,
                          &shared::stop_requested);
  shared::say("{} drawn scenes of {} in {}; train with --data {}\n", settings.count, settings.size, settings.folder,
              settings.folder);
  return 0;
}

}  // namespace street_scenes
