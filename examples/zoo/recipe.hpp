// SPDX-License-Identifier: MIT
// The training recipe.
#pragma once

#include <strata/train/options.hpp>

#include <string>

#include "../shared/processor.hpp"
#include "network.hpp"
#include "options.hpp"

namespace zoo {

/// The settings with the network's spelled name and its rate.
TrainSettings resolved(const TrainSettings&, const CompiledNetwork&);
strata::TrainOptions recipe(const TrainSettings&);
/// The options that a training's result depends on, by name. A new option does not compile until the definition names
/// it.
strata::core::Conditions conditions_of(const TrainSettings&, const shared::Processor&,
                                       const strata::report::DeviceRecord&);
/// As text, for the report.
std::string describe_recipe(const TrainSettings&);

}  // namespace zoo
