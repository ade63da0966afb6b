// SPDX-License-Identifier: MIT
// The functions of a CompiledNetwork. Each .cpp that includes this compiles one variant's networks for one back end.
#pragma once

#include <algorithm>

#include <strata/core/clock.hpp>
#include <strata/cpu/training_work.hpp>
#include <strata/graph/diagram.hpp>
#include <strata/io/weights.hpp>
#include <strata/strata.hpp>

#include "../shared/explained.hpp"
#include "network.hpp"
#include "street.hpp"

namespace street_scenes {

template <class Net, strata::graph::SummaryTable (*summary)()>
Facts facts() {
  return {.summary = summary(), .diagram = strata::diagram<Net>()};
}

/// The optimizer of measurements: SGD, which stores one number per parameter.
inline const strata::training::Optimizer measured_optimizer = strata::Sgd{.momentum = 0.9};

/// A validation set that may be missing.
struct ValidationSet {
  strata::data::SegmentationSet* set;
  int count() const { return set ? set->count() : 0; }
  strata::Batch batch(const std::int32_t* index, int n) { return set->batch(index, n); }
  strata::core::Conditions conditions() { return set ? set->conditions() : strata::core::Conditions(); }
};

struct TaskData {
  strata::data::SegmentationSet& train;
  ValidationSet validation;
};

template <class Net, class Backend>
strata::training::Run train(const TrainingTask& task) {
  strata::Model<Net, Backend> model{
      {.seed = task.seed, .threads = task.processor.threads, .initialize = task.initialize}};
  model.evaluation_batch(1);
  model.classes(names_of(task.classes));
  if (task.imagenet_input) strata::models::imagenet_normalization(model);
  if (!task.trunk.empty()) task.tell_trunk(strata::models::load_trunk(model, task.trunk, task.trunk_options));
  TaskData data{task.train, {task.validation}};
  strata::training::Run run = strata::train(model, data, task.options);
  if (run.nothing_to_do) return run;
  const bool ended = run.status == strata::training::Status::complete || run.status == strata::training::Status::early;
  const bool kept = run.status == strata::training::Status::failed && run.kept_iteration > 0;
  if ((ended || kept) && !task.weights.empty())
    strata::save(model, task.weights, {{classes_key, text_of(task.classes)}}, task.precision);
  return run;
}

/// Seconds that `work` takes. A device plans and captures the work in its first run: that run is not counted, and the
/// median of five more is returned. The first run on a CPU touches new memory: if it takes at most five seconds, a
/// second run counts instead.
template <class Backend, class Work>
double seconds_of(const Work& work) {
  constexpr bool plans_first = requires { Backend::learns_on_device; };
  if (plans_first) work();
  std::vector<double> times(plans_first ? 5 : 1);
  const auto run = [&work] {
    const double started = strata::core::clock_seconds();
    work();
    return strata::core::clock_seconds() - started;
  };
  for (double& time : times) time = run();
  if (!plans_first && times[0] <= 5) times[0] = run();
  std::sort(times.begin(), times.end());
  return times[times.size() / 2];
}

/// Measures on images of one color: the time does not depend on the content.
template <class Net, class Backend>
strata::graph::Pace measure(int images, const shared::Processor& processor) {
  using Model = strata::Model<Net, Backend>;
  const std::vector<std::uint8_t> bytes(std::size_t(Model::input.size()), 128);
  const std::vector<std::int32_t> labels(std::size_t(Model::output.pixels()), 0), index(std::size_t(images), 0);
  Model model{{.threads = processor.threads}};
  strata::graph::Pace pace;
  {
    const std::unique_ptr<strata::training::Learner> learner =
        strata::training::learner_of(model, images, measured_optimizer);
    learner->put();
    pace.update = seconds_of<Backend>([&] {
      learner->stage({.bytes = bytes.data(), .index = index.data(), .count = images}, {labels.data(), index.data()});
      learner->launch({});
      learner->finish();
      learner->update(1e-6);
    });
  }
  model.evaluation_batch(1);
  strata::core::Floats result(std::size_t(Model::output.size()));
  pace.image = seconds_of<Backend>([&] { model.predict({.bytes = bytes.data(), .count = 1}, result); });
  return pace;
}

/// Loads weights from a training at any size: the hash depends on it, names and shapes do not.
template <class Net, class Backend>
void load(strata::Model<Net, Backend>& model, const std::string& weights, strata::io::LoadOptions options = {}) {
  options.other_network = true;
  strata::load(model, weights, options);
}

template <class Net, class Backend>
void verify(const std::string& weights, float tolerance, const shared::Processor& processor) {
  strata::Model<Net, Backend> model{{.threads = processor.threads}};
  load(model, weights, {.verify = tolerance});
}

template <class Net>
shared::Explained explained(const std::string& weights) {
  strata::Model<Net> model{{.threads = 1}};
  load(model, weights);
  return shared::explained(model);
}

template <class Net, class Backend>
void segment(const std::string& weights, const shared::Processor& processor, int images, const Source& source,
             const Segmented& take) {
  using Model = strata::Model<Net, Backend>;
  constexpr strata::Shape out = Model::output;
  Model model{{.threads = processor.threads}};
  model.evaluation_batch(1);
  load(model, weights);
  strata::core::Floats scores(std::size_t(out.size()));
  std::vector<std::int32_t> found(std::size_t(out.pixels()));
  for (int i = 0; i < images; i++) {
    const strata::Images image = source(i).images;
    if (image.count == 0) continue;
    model.predict(image, scores);
    for (int p = 0; p < out.pixels(); p++)
      found[std::size_t(p)] = strata::metrics::most_probable(scores.data() + long(p) * out.channels, out.channels);
    take(i, found.data());
  }
}

template <class Net>
Memory memory(int images, bool, const shared::Processor& processor) {
  using Model = strata::Model<Net>;
  return {.training = strata::arena_bytes<Net, strata::Use::training>(images, processor.threads),
          .validation = strata::arena_bytes<Net>(1, processor.threads),
          .numbers = 4L * (3 * Model::parameter_floats + Model::buffer_floats),
          .model = 4L * (Model::parameter_floats + Model::buffer_floats)};
}

template <int Height, int Width, class Variant, class Depths>
constexpr CompiledNetwork compiled(const char* size, const char* variant, const char* depths) {
  using Net = Street<Height, Width, Variant, Depths>;
  return {.size = size,
          .variant = variant,
          .depths = depths,
          .device = strata::Cpu::name,
          .input = {Height, Width, 3},
          .hash = strata::graph::network_hash<Net>,
          .facts = &facts<Net, &strata::summary<Net>>,
          .record = &shared::cpu_record,
          .work = strata::cpu::training_work<Net>,
          .memory = &memory<Net>,
          .measure = &measure<Net, strata::Cpu>,
          .train = &train<Net, strata::Cpu>,
          .segment = &segment<Net, strata::Cpu>,
          .verify = &verify<Net, strata::Cpu>,
          .explained = &explained<Net>};
}

/// Calls make.operator()<Height, Width, Depths>(size, depths) for each size and depth of the program.
template <class Make>
std::vector<CompiledNetwork> in_each_size_and_depth(const Make& make) {
  std::vector<CompiledNetwork> out;
  const auto in_each_size = [&]<class Depths>(const char* depths) {
    out.push_back(make.template operator()<96, 128, Depths>("96x128", depths));
    out.push_back(make.template operator()<360, 480, Depths>("360x480", depths));
    out.push_back(make.template operator()<720, 960, Depths>("720x960", depths));
  };
  in_each_size.template operator()<Usual>(usual_depths);
  in_each_size.template operator()<Deeper>("2,2,2,3");
  return out;
}

template <class Variant>
std::vector<CompiledNetwork> compiled_networks(const char* variant) {
  return in_each_size_and_depth([variant]<int Height, int Width, class Depths>(const char* size, const char* depths) {
    return compiled<Height, Width, Variant, Depths>(size, variant, depths);
  });
}

}  // namespace street_scenes
