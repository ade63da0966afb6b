// SPDX-License-Identifier: MIT
// A training that is ready to begin: its data is open, its classes are weighed, and what it takes is known.
#pragma once

#include <string>
#include <vector>

#include <strata/core/parallel.hpp>
#include <strata/data/class_weights.hpp>

#include "cost.hpp"
#include "data.hpp"

namespace street_scenes {

struct Job {
  explicit Job(const TrainSettings& s)
      : settings(s),
        network(network_with(s.size, s.variant)),
        facts(network.facts()),
        threads(s.threads ? s.threads : strata::Workers::hardware()) {}

  const TrainSettings& settings;
  const CompiledNetwork& network;
  Facts facts;
  int threads;
  Scenes scenes;
  strata::SegmentationSet train, validation, test;
  strata::PixelCounts pixels;
  std::vector<float> weights;  ///< of the classes; empty: all 1
  Cost cost;

  std::string path(const char* file) const { return settings.out + "/" + file; }
  long updates() const { return train.count() / settings.batch; }  ///< of an epoch
};

/// Refuses what does not fit into memory, opens the data, counts its pixels, and says what was found.
void prepare(Job&);
/// What the training will take: memory by the plan, time by a step and an image that are measured.
void say_cost(const Job&);
/// The parts of the memory, in words.
std::vector<std::pair<std::string, long>> parts_of(const Cost&);

}  // namespace street_scenes
