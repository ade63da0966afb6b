// SPDX-License-Identifier: MIT
// The functions of a CompiledNetwork. Each .cpp that includes this compiles networks for one back end.
#pragma once

#include <strata/cpu/training_work.hpp>
#include <strata/graph/diagram.hpp>
#include <strata/infer/export_header.hpp>
#include <strata/io/weights.hpp>
#include <strata/strata.hpp>
#include <strata/train/find_rate.hpp>

#include "../shared/explained.hpp"
#include "network.hpp"
#include "options.hpp"

namespace digits {

template <class Net, strata::graph::SummaryTable (*summary)()>
Facts facts() {
  return {.hash = strata::graph::network_hash<Net>, .summary = summary(), .diagram = strata::diagram<Net>()};
}

template <class Net, class Backend>
Trained train(const TrainingTask& task) {
  strata::Model<Net, Backend> model{{.seed = task.seed, .threads = task.processor.threads}};
  model.classes(task.data.class_names);
  Trained out;
  if (task.find_rate) out.rate_curve = strata::training::find_rate(model, task.data, task.options);
  out.run = strata::train(model, task.data, task.options);
  if (out.run.nothing_to_do) return out;
  if (out.run.status != strata::training::Status::complete && out.run.status != strata::training::Status::early)
    return out;
  out.test = strata::evaluate(model, task.data.test, task.options.metrics);
  out.probabilities.resize(std::size_t(task.data.test.count()) * std::size_t(task.data.classes));
  model.predict(task.data.test.images(), out.probabilities);
  strata::save(model, task.weights);
  return out;
}

template <class Net, class Backend>
std::vector<float> predict(const std::string& weights, const strata::Images& images, const shared::Processor&) {
  strata::Model<Net, Backend> model{{.threads = 1}};
  strata::load(model, weights);
  std::vector<float> out(std::size_t(images.count * strata::output_shape<Net>.size()));
  model.predict(images, out);
  return out;
}

template <class Net, class Backend>
void verify(const std::string& weights, float tolerance, const shared::Processor& processor) {
  strata::Model<Net, Backend> model{{.threads = processor.threads}};
  strata::load(model, weights, {.verify = tolerance});
}

template <class Net>
shared::Explained explained(const std::string& weights) {
  strata::Model<Net> model{{.threads = 1}};
  strata::load(model, weights);
  return shared::explained(model);
}

template <class Net>
void export_header(const std::string& weights, const ExportSettings& settings) {
  strata::Model<Net> model{{.threads = 1}};
  model.classes(digit_names());  // unless the file has others
  strata::load(model, weights);
  strata::export_header<strata::Exact>(model, settings.out, {.target = settings.target});
}

template <class Net>
long training_bytes(int batch, const shared::Processor& processor) {
  return strata::arena_bytes<Net, strata::Use::training>(batch, processor.threads);
}

template <class Net>
constexpr CompiledNetwork compiled(const char* filters) {
  return {.filters = filters,
          .device = strata::Cpu::name,
          .facts = &facts<Net, &strata::summary<Net>>,
          .record = &shared::cpu_record,
          .work = strata::cpu::training_work<Net>,
          .training_bytes = &training_bytes<Net>,
          .train = &train<Net, strata::Cpu>,
          .predict = &predict<Net, strata::Cpu>,
          .verify = &verify<Net, strata::Cpu>,
          .export_header = &export_header<Net>,
          .explained = &explained<Net>};
}

}  // namespace digits
