// SPDX-License-Identifier: MIT
// The functions of a CompiledNetwork. Each .cpp that includes this compiles networks for one back end.
#pragma once

#include <strata/cpu/training_work.hpp>
#include <strata/infer/export_header.hpp>

#include "../shared/compiled_classifier.hpp"
#include "../shared/explained.hpp"
#include "network.hpp"
#include "options.hpp"

namespace digits {

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
constexpr CompiledNetwork compiled(const char* filters) {
  return {.filters = filters,
          .device = strata::Cpu::name,
          .facts = &shared::facts<Net, &strata::summary<Net>>,
          .record = &shared::cpu_record,
          .work = strata::cpu::training_work<Net>,
          .training_bytes = &shared::training_bytes<Net>,
          .train = &shared::train<Net, strata::Cpu>,
          .predict = &predict<Net, strata::Cpu>,
          .verify = &verify<Net, strata::Cpu>,
          .export_header = &export_header<Net>,
          .explained = &explained<Net>};
}

}  // namespace digits
