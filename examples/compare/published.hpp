// SPDX-License-Identifier: MIT
// The workshop's results, as the tables show them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <strata/report/comparison_tables.hpp>

namespace compare_runs {

/// The workshop's results of "digits" or "street_scenes"; none of other tasks.
std::optional<strata::report::Published> published(const std::string& task);
/// The batch sizes that it tried; empty for other tasks.
std::vector<int> published_batches(const std::string& task);

}  // namespace compare_runs
