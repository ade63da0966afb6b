// SPDX-License-Identifier: MIT
// Our scores per class next to published ones.
#pragma once

#include <string>
#include <vector>

#include <strata/report/run_record.hpp>

namespace street_scenes {

/// Accuracy, IoU and BF score, ours and theirs; below 0: not measured.
struct Beside {
  static constexpr int measures = 3;
  std::string name;
  double ours[measures], theirs[measures];
};

/// One row per class that both have, matched by name; then "total", the means over classes (BF score: over images);
/// then "total by pixels", the global accuracy and the weighted IoU.
struct Comparison {
  std::vector<Beside> rows;
  std::vector<std::string> ours_alone, theirs_alone;  ///< classes that only one side has
};
Comparison compared(const strata::report::Metrics& ours, const strata::report::Metrics& theirs);

/// A table of equally long lines, the first two its headings: ours, theirs and the difference, per measure.
std::vector<std::string> lines_of(const Comparison&, const std::string& they);
/// The same as CSV; what was not measured is empty.
std::string csv_of(const Comparison&, const std::string& they);

}  // namespace street_scenes
