// SPDX-License-Identifier: MIT
// The training recipe, from the command line's settings.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include <strata/data/augment.hpp>
#include <strata/train/initialize.hpp>
#include <strata/train/options.hpp>

#include "../shared/processor.hpp"
#include "options.hpp"

namespace street_scenes {

/// The settings with the options filled in whose defaults depend on others. Throws strata::Error if options contradict
/// each other or the file with the trunk's weights.
TrainSettings resolved(TrainSettings);
/// The functions below need resolved settings. `updates`: per epoch. `class_weights`: empty for none.
strata::TrainOptions recipe(const TrainSettings&, long updates, std::vector<float> class_weights);
strata::data::Augmentation augmentation(const TrainSettings&);
strata::Initialize initialization(const TrainSettings&);
/// The options that a training's result depends on, by name. A new option does not compile until the definition names
/// it.
strata::core::Conditions conditions_of(const TrainSettings&, const shared::Processor&,
                                       const strata::report::DeviceRecord&);
/// As text, for the report.
std::vector<std::pair<std::string, std::string>> describe(const TrainSettings&);

}  // namespace street_scenes
