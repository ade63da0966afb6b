// SPDX-License-Identifier: MIT
// The interface between a program and its compiled classifiers: what it knows of one, and how it trains it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <strata/data/dataset.hpp>
#include <strata/graph/hash.hpp>
#include <strata/graph/summary.hpp>
#include <strata/train/initialize.hpp>
#include <strata/train/options.hpp>
#include <strata/train/rate_curve.hpp>

#include "processor.hpp"

namespace shared {

struct Facts {
  strata::graph::NetworkHash hash;
  strata::graph::SummaryTable summary;
  std::string diagram;  ///< SVG
};

struct Trained {
  strata::training::Run run;
  strata::metrics::Evaluation test;          ///< if the training came to its end
  std::vector<float> probabilities;          ///< [test image][class]; empty otherwise
  strata::training::RateCurve rate_curve{};  ///< if the task asks for it
};

struct TrainingTask {
  const strata::Splits& data;
  const strata::data::Dataset& test;  ///< evaluated at the end
  const strata::TrainOptions& options;
  const Processor& processor;
  std::uint64_t seed = 1;
  strata::Initialize initialize = strata::Initialize::glorot;
  std::vector<std::string> classes{};  ///< one name for each output
  std::string weights{};               ///< file for the trained model
  bool find_rate = false;              ///< searches for a learning rate first
};

}  // namespace shared
