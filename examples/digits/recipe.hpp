// SPDX-License-Identifier: MIT
// How a training is done.
#pragma once

#include <strata/train/options.hpp>

#include <string>

namespace digits {

inline constexpr const char* recipes[] = {"workshop", "large-batch"};

strata::TrainOptions recipe(const std::string& name, int epochs, int batch);
/// In words, for the report.
std::string describe_recipe(const std::string& name);

}  // namespace digits
