// SPDX-License-Identifier: MIT
// The training recipes.
#pragma once

#include <strata/train/options.hpp>

#include <string>

#include "../shared/processor.hpp"
#include "options.hpp"

namespace digits {

inline constexpr const char* recipes[] = {"workshop", "large-batch"};

/// `name` is one of `recipes`.
strata::TrainOptions recipe(const std::string& name, int epochs, int batch);
/// The options that a training's result depends on, by name. A new option does not compile until the definition names
/// it.
strata::core::Conditions conditions_of(const TrainSettings&, const shared::Processor&,
                                       const strata::report::DeviceRecord&);
/// As text, for the report.
std::string describe_recipe(const std::string& name);

}  // namespace digits
