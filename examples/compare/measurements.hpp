// SPDX-License-Identifier: MIT
// What a forecast starts from: runs, the machine that they ran on, and the machine to forecast.
#pragma once

#include <string>
#include <vector>

#include <strata/report/forecast_tables.hpp>

#include "options.hpp"

namespace compare_runs {

struct Sources {
  std::vector<strata::report::Measurement> measured;  ///< at least one
  strata::report::Target target;
  strata::report::Job job;
  std::vector<int> batches;
  std::vector<strata::report::NamedRun> against;  ///< on the target machine

  const strata::report::RunRecord& run() const { return measured.front().record; }
};

/// Runs a program for at most two minutes if the settings name one, reads the runs, and measures or reads the machines.
/// Throws strata::Error if the runs are of different networks or machines.
Sources gather(const EstimateSettings&);

/// The job: that of the run, unless the settings say otherwise.
strata::report::Job job_of(const EstimateSettings&, const strata::report::RunRecord&);

}  // namespace compare_runs
