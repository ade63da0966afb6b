// SPDX-License-Identifier: MIT
// The records that paths on the command line name.
#pragma once

#include <string>
#include <vector>

#include <strata/report/comparison.hpp>

namespace compare_runs {

/// Reads files run.json, folders with one, and folders of folders with one, as the programs' `table` writes them; each
/// record once. Throws strata::Error if a path holds none, or a record is damaged or larger than 64 MB.
std::vector<strata::report::NamedRun> read_runs(const std::vector<std::string>& paths);

}  // namespace compare_runs
