// SPDX-License-Identifier: MIT
// How a training is done.
#pragma once

#include <strata/train/options.hpp>

#include <string>

#include "../shared/processor.hpp"
#include "options.hpp"

namespace digits {

inline constexpr const char* recipes[] = {"workshop", "large-batch"};

strata::TrainOptions recipe(const std::string& name, int epochs, int batch);
/// What the options change of a training's result, by their names. One more option does not compile until it is among those or
/// known to change nothing.
strata::Conditions conditions_of(const TrainSettings&, const shared::Processor&, const strata::DeviceRecord&);
/// In words, for the report.
std::string describe_recipe(const std::string& name);

}  // namespace digits
