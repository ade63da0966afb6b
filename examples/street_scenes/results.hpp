// SPDX-License-Identifier: MIT
// The files that a training writes: run.json, history.csv, report.html.
#pragma once

#include <string>
#include <vector>

#include <strata/report/segmentation_page.hpp>

#include "job.hpp"

namespace street_scenes {

/// The part of the record that is known before the training.
strata::report::RunRecord record_of(const Job&);

/// `judged_on`: "the 233 images of the test set"; empty if nothing was evaluated.
void write_results(const Job&, const strata::report::RunRecord&, const std::vector<strata::report::ScenePlate>&,
                   const std::string& judged_on);

}  // namespace street_scenes
