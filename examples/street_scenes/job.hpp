// SPDX-License-Identifier: MIT
// A training that is ready to begin: its data is open, its classes are weighed, and what it takes is known.
#pragma once

#include <string>
#include <vector>

#include <strata/data/class_weights.hpp>

#include "cost.hpp"
#include "data.hpp"

namespace street_scenes {

struct Job {
  /// The settings are resolved(). Throws strata::Error where the machine has no such device.
  explicit Job(const TrainSettings& s)
      : settings(s),
        processor(shared::processor(s.device, s.precision, s.threads)),
        network(network_with(s.size, s.variant, s.depths, s.device)),
        device(network.record(processor)),
        facts(network.facts()) {}

  const TrainSettings& settings;
  shared::Processor processor;
  const CompiledNetwork& network;
  strata::DeviceRecord device;
  Facts facts;
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

}  // namespace street_scenes
