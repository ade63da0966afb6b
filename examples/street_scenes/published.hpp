// SPDX-License-Identifier: MIT
// Our scores class by class beside published ones.
#pragma once

#include <string>
#include <vector>

#include <strata/report/run_record.hpp>

namespace street_scenes {

/// Accuracy, IoU and BF score, here and there; below 0: not measured.
struct Beside {
  static constexpr int measures = 3;
  std::string name;
  double ours[measures], theirs[measures];
};

/// A row a class that both have, by its name; then "total", the means over classes (of the BF score: over images); then
/// "total by pixels", the global accuracy and the weighted IoU.
struct Comparison {
  std::vector<Beside> rows;
  std::vector<std::string> ours_alone, theirs_alone;  ///< classes that only one side has
};
Comparison compared(const strata::Metrics& ours, const strata::Metrics& theirs);

/// Lines of equal length, the first two of heads: ours, theirs and the difference, for each measure.
std::vector<std::string> lines_of(const Comparison&, const std::string& they);
/// The same for programs; what was not measured is empty.
std::string csv_of(const Comparison&, const std::string& they);

}  // namespace street_scenes
