// SPDX-License-Identifier: MIT
// The functions of a compiled classifier. Each .cpp that includes this compiles networks for one back end.
#pragma once

#include <strata/graph/diagram.hpp>
#include <strata/io/weights.hpp>
#include <strata/strata.hpp>
#include <strata/train/find_rate.hpp>

#include "classifier.hpp"

namespace shared {

template <class Net, strata::graph::SummaryTable (*summary)()>
Facts facts() {
  return {.hash = strata::graph::network_hash<Net>, .summary = summary(), .diagram = strata::diagram<Net>()};
}

template <class Net, class Backend>
Trained train(const TrainingTask& task) {
  strata::Model<Net, Backend> model{
      {.seed = task.seed, .threads = task.processor.threads, .initialize = task.initialize}};
  model.classes(task.classes);
  Trained out;
  if (task.find_rate) out.rate_curve = strata::training::find_rate(model, task.data, task.options);
  out.run = strata::train(model, task.data, task.options);
  if (out.run.nothing_to_do) return out;
  if (out.run.status != strata::training::Status::complete && out.run.status != strata::training::Status::early)
    return out;
  out.test = strata::evaluate(model, task.test, task.options.metrics);
  out.probabilities.resize(std::size_t(task.test.count()) * std::size_t(strata::output_shape<Net>.size()));
  model.predict(task.test.images(), out.probabilities);
  strata::save(model, task.weights);
  return out;
}

template <class Net>
long training_bytes(int batch, const Processor& processor) {
  return strata::arena_bytes<Net, strata::Use::training>(batch, processor.threads);
}

}  // namespace shared
