// SPDX-License-Identifier: MIT
// How a training is done, from what the command line says.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include <strata/data/augment.hpp>
#include <strata/train/initialise.hpp>
#include <strata/train/options.hpp>

#include "../shared/processor.hpp"
#include "options.hpp"

namespace street_scenes {

/// With the choices that others decide where they were left open. Throws strata::Error where options contradict each other or the
/// file with the trunk's weights.
TrainSettings resolved(TrainSettings);
/// The three below take resolved settings. `updates`: of an epoch. `class_weights`: empty for none.
strata::TrainOptions recipe(const TrainSettings&, long updates, std::vector<float> class_weights);
strata::Augmentation augmentation(const TrainSettings&);
strata::Initialise initialisation(const TrainSettings&);
/// What the options change of a training's result, by their names. One more option does not compile until it is among those or
/// known to change nothing.
strata::Conditions conditions_of(const TrainSettings&, const shared::Processor&, const strata::DeviceRecord&);
/// In words, for the report.
std::vector<std::pair<std::string, std::string>> describe(const TrainSettings&);

}  // namespace street_scenes
