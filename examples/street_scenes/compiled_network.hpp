// SPDX-License-Identifier: MIT
// What a CompiledNetwork is made of. Each .cpp that includes this compiles one network.
#pragma once

#include <algorithm>

#include <strata/core/clock.hpp>
#include <strata/graph/diagram.hpp>
#include <strata/io/weights.hpp>
#include <strata/models/deeplab_v3_plus.hpp>
#include <strata/strata.hpp>

#include "network.hpp"

namespace street_scenes {

template <class Net>
Facts facts() {
  using Model = strata::Model<Net>;
  return {.hash = strata::structural_hash<Net>,
          .summary = strata::summary<Net>(),
          .diagram = strata::diagram<Net>(),
          .number_bytes = 4L * (Model::parameter_floats + Model::buffer_floats),
          .parameter_bytes = 4L * Model::parameter_floats};
}

/// A validation set that may be missing.
struct ValidationSet {
  strata::SegmentationSet* set;
  int count() const { return set ? set->count() : 0; }
  strata::Batch batch(const std::int32_t* index, int n) { return set->batch(index, n); }
};

struct TaskData {
  strata::SegmentationSet& train;
  ValidationSet validation;
};

template <class Net>
strata::Run train(const TrainingTask& task) {
  strata::Model<Net> model(strata::seed{task.seed}, strata::threads{task.threads}, task.initialise);
  model.evaluation_batch(1);
  if (task.imagenet_input) strata::imagenet_normalisation(model);
  if (!task.trunk.empty()) task.tell_trunk(strata::load_trunk(model, task.trunk));
  TaskData data{task.train, {task.validation}};
  strata::Run run = strata::train(model, data, task.options);
  const bool ended = run.status == strata::Status::complete || run.status == strata::Status::early;
  if (ended && !task.weights.empty()) strata::save(model, task.weights, {{classes_key, text_of(task.classes)}});
  return run;
}

/// Steps on images of one colour: arithmetic takes the same time whatever it computes.
template <class Net>
Pace measure(int batch, int threads) {
  using Model = strata::Model<Net>;
  const long image = Model::input.size(), pixels = Model::output.pixels();
  const std::vector<std::uint8_t> bytes(std::size_t(image), 128);
  const std::vector<std::int32_t> labels(std::size_t(pixels), 0), index(std::size_t(batch), 0);
  Model model(strata::seed{}, strata::threads{threads});
  Pace pace;
  {
    typename Model::Training training(batch, model.workers());
    strata::Floats gradients(static_cast<std::size_t>(Model::parameter_floats));
    const double started = strata::clock_seconds();
    training.step(model.parameters(), model.buffers(), {.bytes = bytes.data(), .index = index.data(), .count = batch},
                  {labels.data(), index.data()}, gradients.data(), {});
    pace.step = strata::clock_seconds() - started;
  }
  model.evaluation_batch(1);
  strata::Floats result(std::size_t(Model::output.size()));
  const double started = strata::clock_seconds();
  model.predict({.bytes = bytes.data(), .count = 1}, result.data());
  pace.image = strata::clock_seconds() - started;
  return pace;
}

template <class Net>
void segment(const std::string& weights, int threads, int images, const Source& source, const Segmented& take) {
  using Model = strata::Model<Net>;
  constexpr strata::Shape out = Model::output;
  Model model(strata::seed{}, strata::threads{threads});
  model.evaluation_batch(1);
  strata::Safetensors file = strata::read_safetensors(weights);
  file.metadata.erase(strata::hash_key);  // which speaks of the size too; names and shapes say whether they fit
  strata::load(model, file);
  strata::Floats scores(std::size_t(out.size()));
  std::vector<std::int32_t> found(std::size_t(out.pixels()));
  for (int i = 0; i < images; i++) {
    model.predict(source(i).images, scores.data());
    for (int p = 0; p < out.pixels(); p++)
      found[std::size_t(p)] = strata::most_probable(scores.data() + long(p) * out.channels, out.channels);
    take(i, found.data());
  }
}

template <int Height, int Width, class Variant>
constexpr CompiledNetwork compiled(const char* size, const char* variant) {
  using Net = strata::DeepLabv3Plus<strata::Image<Height, Width, 3>, classes, Variant>;
  return {.size = size,
          .variant = variant,
          .input = {Height, Width, 3},
          .facts = &facts<Net>,
          .training_bytes = &strata::arena_bytes<Net, strata::Use::training>,
          .inference_bytes = &strata::arena_bytes<Net, strata::Use::inference>,
          .measure = &measure<Net>,
          .train = &train<Net>,
          .segment = &segment<Net>};
}

}  // namespace street_scenes
