// SPDX-License-Identifier: MIT
// A training that is ready to start: its data is open, its class weights and its cost are known.
#pragma once

#include <string>
#include <vector>

#include <strata/data/class_weights.hpp>

#include "cost.hpp"
#include "data.hpp"

namespace street_scenes {

struct Job {
  /// `s` must be resolved(). Throws strata::Error if the machine does not have the device.
  explicit Job(const TrainSettings& s)
      : settings(s),
        processor(shared::processor(s.device, s.precision, s.threads)),
        network(network_with(s.size, s.variant, s.depths, s.device)),
        device(network.record(processor)),
        facts(network.facts()) {}

  const TrainSettings& settings;
  shared::Processor processor;
  const CompiledNetwork& network;
  strata::report::DeviceRecord device;
  Facts facts;
  Scenes scenes;
  strata::data::SegmentationSet train, validation, test;
  strata::data::PixelCounts pixels;
  std::vector<float> weights;  ///< one per class; empty: all 1
  Cost cost;

  std::string path(const char* file) const { return settings.out + "/" + file; }
  long updates() const { return train.count() / settings.batch; }  ///< per epoch
};

/// Opens the data, counts its pixels and prints what it found. Throws strata::Error if the memory does not suffice.
void prepare(Job&);
/// Prints the cost of the training: memory from the plan, time from measuring one step and one image.
void say_cost(const Job&);

}  // namespace street_scenes
