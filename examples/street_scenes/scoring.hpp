// SPDX-License-Identifier: MIT
// Scores of a weight file on a set, with images of its predictions.
#pragma once

#include <atomic>
#include <string>
#include <vector>

#include <strata/metrics/segmentation_metrics.hpp>
#include <strata/report/segmentation_page.hpp>

#include "network.hpp"

namespace street_scenes {

struct Scored {
  strata::metrics::SegmentationScores scores;
  std::vector<strata::report::ScenePlate> scenes;
};

struct ScoringTask {
  const CompiledNetwork& network;
  const std::string& weights;
  const shared::Processor& processor;
  strata::data::SegmentationSet& set;
  const std::vector<strata::data::ImagePair>& pairs;  ///< of the set, for the captions
  const strata::data::ClassList& classes;
  int pictures = 0;  ///< images to show, evenly spread over the set
};

/// Throws strata::Error if `stop` is set, which it checks after each image.
Scored score(const ScoringTask&, const std::atomic<bool>& stop);

/// For the record; NaN becomes "not measured".
strata::report::Metrics metrics_of(const strata::metrics::SegmentationScores&, const strata::data::ClassList&);
void print_scores(const strata::report::Metrics&);

}  // namespace street_scenes
