// SPDX-License-Identifier: MIT
// `zoo train`: reads a folder of class folders, trains, tests, and writes run.json, history.csv, report.html and
// model.safetensors.
#include <algorithm>

#include <fmt/format.h>

#include <strata/core/clock.hpp>
#include <strata/data/class_folder.hpp>

#include "../shared/classifier_results.hpp"
#include "../shared/interruption.hpp"
#include "../shared/out_folder.hpp"
#include "../shared/resuming.hpp"
#include "../shared/thread_warning.hpp"
#include "../shared/watching.hpp"
#include "network.hpp"
#include "options.hpp"
#include "recipe.hpp"

namespace zoo {

namespace {

strata::Splits load(const TrainSettings& settings, const TrainableNetwork& network) {
  const std::size_t count = strata::data::class_folder_names(settings.data).size();
  if (count > std::size_t(classes))
    throw strata::Error(settings.data, ": holds ", count, " classes, but the networks of this program have ", classes,
                        "; in the build folder, run cmake -DSTRATA_ZOO_CLASSES=", count,
                        " . && cmake --build . --target zoo");
  const strata::Splits data = strata::data::class_folder(
      settings.data,
      {.shape = network.input, .seed = settings.seed, .validation = settings.validation, .threads = settings.threads});
  if (data.validation.count() == 0)
    throw strata::Error(settings.data,
                        ": has no images for validation; add a folder val, or give --validation a larger "
                        "share, and each class at least two images");
  if (!settings.quiet)
    shared::say("{} in {}: {} classes, {} images for training, {} for validation, {} for the test\n", data.name,
                settings.data, data.classes, data.train.count(), data.validation.count(), data.test.count());
  return data;
}

/// A name for each output of the network; those that the folder has no class for are called by their numbers.
std::vector<std::string> output_names(const strata::Splits& data) {
  std::vector<std::string> names = data.class_names;
  for (int c = data.classes; c < classes; c++) names.push_back(fmt::format("unused {}", c));
  return names;
}

strata::report::RunRecord record_of(const TrainSettings& settings, const TrainableNetwork& network,
                                    const shared::Facts& facts, const strata::Splits& data,
                                    const shared::Processor& processor, const strata::report::DeviceRecord& device,
                                    double load_seconds) {
  strata::report::RunRecord r;
  r.task = "zoo";
  r.network = fmt::format("{}<{}x{}x{}, {}>", settings.network, network.input.height, network.input.width,
                          network.input.channels, classes);
  r.hash = facts.hash.text();
  r.parameters = facts.summary.parameters, r.macs = facts.summary.macs;
  r.arena_bytes = network.training_bytes(std::min(settings.batch, data.train.count()), processor);
  r.threads = processor.threads, r.batch = settings.batch, r.seed = settings.seed;
  r.seconds.load = load_seconds;
  r.dataset = {data.name, data.train.count(), data.validation.count(), data.test.count(), data.classes};
  r.dataset.bytes = (network.input.size() + 1L) * (r.dataset.train + r.dataset.validation + r.dataset.test);
  r.conditions = conditions_of(settings, processor, device);
  r.work = network.work, r.memory = shared::growth_of(network.training_bytes, settings.batch, processor);
  r.machine = strata::report::this_machine();
  r.device = device;
  return r;
}

}  // namespace

int train(const TrainSettings& given) {
  const double started = strata::core::clock_seconds();
  const CompiledNetwork& chosen = trainable(given.network);
  const TrainableNetwork& network = *chosen.trainable;
  const TrainSettings settings = resolved(given, chosen);
  const std::string checkpoint = settings.out + "/checkpoint.strata";
  const shared::Processor processor = shared::processor("cpu", "", settings.threads);
  if (!settings.quiet) shared::warn_of_threads("zoo", processor);
  const strata::report::DeviceRecord device = shared::cpu_record(processor);
  const shared::OutFolder out(settings.out);
  const strata::training::Resume resume = shared::resume_of(settings.resume, settings.resume_anyway, checkpoint);

  const strata::Splits data = load(settings, network);
  const shared::Facts facts = network.facts();
  strata::report::RunRecord record =
      record_of(settings, network, facts, data, processor, device, strata::core::clock_seconds() - started);
  if (!settings.quiet) shared::print_network(facts, record);
  shared::require_memory(record, processor);

  strata::TrainOptions options = recipe(settings);
  options.checkpoints = {.path = checkpoint,
                         .resume = resume,
                         .conditions = conditions_of(settings, processor, device),
                         .anyway = "--resume-anyway"};
  options.stop = &shared::stop_requested;
  shared::Watching watching(settings.quiet, settings.tensorboard, false);
  options.observer = strata::observe(watching);
  shared::listen_for_interruption();

  const bool has_test = data.test.count() > 0;
  const strata::data::Dataset& test = has_test ? data.test : data.validation;
  const std::vector<std::string> names = output_names(data);
  const shared::Trained trained = network.train({.data = data,
                                                 .test = test,
                                                 .options = options,
                                                 .processor = processor,
                                                 .seed = settings.seed,
                                                 .initialize = strata::Initialize::he,
                                                 .classes = names,
                                                 .weights = settings.out + "/model.safetensors"});
  if (trained.run.nothing_to_do) {
    if (!settings.quiet) shared::say("{}\n", trained.run.why);
    return 0;
  }
  const bool ended = !trained.probabilities.empty();
  fill(record, trained.run);
  if (ended) (has_test ? record.accuracy.test : record.accuracy.validation) = trained.test.accuracy;
  record.seconds.total = strata::core::clock_seconds() - started;
  record.peak_rss_bytes = strata::report::peak_memory();

  strata::report::ReportPage page{
      .title = data.name + ": " + record.network,
      .subtitle = fmt::format("batch {}, {} epochs, seed {}", settings.batch, settings.epochs, settings.seed),
      .record = record};
  page.summary = facts.summary;
  page.diagram = facts.diagram;
  page.settings = {{"recipe", describe_recipe(settings)}, {"threads", std::to_string(processor.threads)}};
  if (ended) {
    page.confusion = trained.test.confusion;
    page.class_names = names;
    page.mistakes = shared::worst_mistakes(test, trained.probabilities, classes, names);
  }
  shared::write_results(settings.out, page);

  if (!shared::came_to_its_end("zoo", trained.run)) return shared::interrupted_status();
  if (!settings.quiet) {
    if (trained.run.kept_iteration > 0)
      shared::say("kept epoch {}, the best by validation loss\n",
                  trained.run.history[std::size_t(trained.run.kept_iteration - 1)].epoch);
    shared::say("\n{} accuracy  {:.4f}   ({} of {} images correct)\n", has_test ? "test" : "validation",
                trained.test.accuracy, trained.test.confusion.correct(), trained.test.counted);
    shared::print_ending(record, settings.out);
  }
  watching.finish();
  return 0;
}

}  // namespace zoo
