// SPDX-License-Identifier: MIT
// `compare curves RUN...`: learning curves in one plot.
#include <strata/report/curves.hpp>

#include "../shared/say.hpp"
#include "options.hpp"
#include "runs.hpp"

namespace compare_runs {

int curves(const CurvesSettings& settings) {
  std::vector<strata::report::CurveRun> runs;
  for (strata::report::NamedRun& run : read_runs(settings.runs))
    runs.push_back({std::move(run.name), std::move(run.record)});
  strata::report::write_curves(settings.out, runs);
  shared::say("{}\n", settings.out);
  return 0;
}

}  // namespace compare_runs
