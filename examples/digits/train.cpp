// SPDX-License-Identifier: MIT
// `digits`: loads, trains, tests, and writes run.json, history.csv, report.html and model.safetensors.
#include <algorithm>

#include <fmt/format.h>

#include <strata/core/clock.hpp>
#include <strata/data/mnist_download.hpp>
#include <strata/metrics/metric_names.hpp>

#include "../shared/classifier_results.hpp"
#include "../shared/interruption.hpp"
#include "../shared/out_folder.hpp"
#include "../shared/resuming.hpp"
#include "../shared/say.hpp"
#include "../shared/thread_warning.hpp"
#include "../shared/watching.hpp"
#include "network.hpp"
#include "options.hpp"
#include "recipe.hpp"

namespace digits {

namespace {

struct LoadedData {
  strata::Splits splits;
  std::string name;
};

LoadedData load(const TrainSettings& settings) {
  strata::mnist::Places places{.given = settings.data};
  if (!settings.quiet) places.say = [](const std::string& what) { shared::say("{}\n", what); };
  const strata::mnist::Found found = strata::mnist::obtain(places);
  LoadedData out{strata::mnist::load(found.folder, {.seed = settings.seed, .transposed = settings.transposed}),
                 found.name};
  if (out.name.empty()) out.name = out.splits.name;
  if (out.splits.classes != 10)
    throw strata::Error(found.folder, ": its labels are ", out.splits.classes,
                        " letters, but this program recognizes the ten digits; "
                        "train a network of ",
                        out.splits.classes, " classes with the library (mnist::load)");
  const strata::Shape shape = out.splits.train.shape();
  if (!(shape == strata::Shape{28, 28, 1}))
    throw strata::Error(found.folder, ": its images are ", shape.height, " x ", shape.width,
                        ", but the networks of this program take 28 x 28; give MNIST");
  if (!settings.quiet) shared::say("{} in {}\n", out.name, found.folder);
  return out;
}

strata::report::RunRecord record_of(const TrainSettings& settings, const CompiledNetwork& network, const Facts& facts,
                                    const LoadedData& data, const shared::Processor& processor,
                                    const strata::report::DeviceRecord& device, double load_seconds) {
  strata::report::RunRecord r;
  r.task = "digits";
  r.network = "Digits<" + settings.filters + ">";
  r.hash = facts.hash.text();
  r.parameters = facts.summary.parameters, r.macs = facts.summary.macs;
  r.arena_bytes = network.training_bytes(std::min(settings.batch, data.splits.train.count()), processor);
  r.threads = processor.threads, r.batch = settings.batch, r.seed = settings.seed;
  r.seconds.load = load_seconds;
  r.dataset = {data.name, data.splits.train.count(), data.splits.validation.count(), data.splits.test.count(),
               data.splits.classes};
  r.dataset.bytes = (28 * 28 + 1L) * (r.dataset.train + r.dataset.validation + r.dataset.test);
  r.conditions = conditions_of(settings, processor, device);
  r.work = network.work, r.memory = shared::growth_of(network.training_bytes, settings.batch, processor);
  r.machine = strata::report::this_machine();
  r.device = device;
  return r;
}

/// What a search for a learning rate found.
void print(const strata::training::RateCurve& curve) {
  if (curve.rates.empty()) return;
  if (curve.suggestion)
    shared::say("learning rate  the loss fell fastest at {:.2g}, in {} updates up to {:.2g}\n", *curve.suggestion,
                curve.rates.size(), curve.rates.back());
  else shared::say("learning rate  the loss did not fall up to {:.2g}\n", curve.rates.back());
}

}  // namespace

int train(const TrainSettings& settings) {
  const double started = strata::core::clock_seconds();
  const std::string checkpoint = settings.out + "/checkpoint.strata";
  const shared::Processor processor = shared::processor(settings.device, settings.precision, settings.threads);
  if (!settings.quiet) shared::warn_of_threads("digits", processor);
  const CompiledNetwork& network = network_with(settings.filters, settings.device);
  const strata::report::DeviceRecord device = network.record(processor);
  const shared::OutFolder out(settings.out);
  const strata::training::Resume resume = shared::resume_of(settings.resume, settings.resume_anyway, checkpoint);

  const LoadedData data = load(settings);
  const Facts facts = network.facts();
  strata::report::RunRecord record =
      record_of(settings, network, facts, data, processor, device, strata::core::clock_seconds() - started);
  if (!settings.quiet) shared::print_network(facts, record);
  shared::require_memory(record, processor);

  strata::TrainOptions options = recipe(settings.recipe, settings.epochs, settings.batch);
  options.checkpoints = {.path = checkpoint,
                         .every_epochs = 5,
                         .resume = resume,
                         .conditions = conditions_of(settings, processor, device),
                         .anyway = "--resume-anyway"};
  for (const std::string& name : settings.metrics) options.metrics.push_back(strata::metrics::by_name(name));
  options.stop = &shared::stop_requested;
  shared::Watching watching(settings.quiet, settings.tensorboard, false);
  options.observer = strata::observe(watching);
  shared::listen_for_interruption();

  const Trained trained = network.train({.data = data.splits,
                                         .test = data.splits.test,
                                         .options = options,
                                         .processor = processor,
                                         .seed = settings.seed,
                                         .classes = data.splits.class_names,
                                         .weights = settings.out + "/model.safetensors",
                                         .find_rate = settings.find_rate});
  if (trained.run.nothing_to_do) {
    if (!settings.quiet) shared::say("{}\n", trained.run.why);
    return 0;
  }
  const bool ended = !trained.probabilities.empty();

  fill(record, trained.run);
  if (ended) record.accuracy.test = trained.test.accuracy;
  record.seconds.total = strata::core::clock_seconds() - started;
  record.peak_rss_bytes = strata::report::peak_memory();

  strata::report::ReportPage page{
      .title = data.name + ": " + record.network,
      .subtitle = fmt::format("batch {}, {} epochs, seed {}", settings.batch, settings.epochs, settings.seed),
      .record = record};
  page.summary = facts.summary;
  page.diagram = facts.diagram;
  page.rate_curve = trained.rate_curve;
  page.settings = {{"recipe", describe_recipe(settings.recipe)}};
  if (device.kind == "cpu") page.settings.emplace_back("threads", std::to_string(processor.threads));
  if (ended) {
    page.confusion = trained.test.confusion;
    page.mistakes = shared::worst_mistakes(data.splits.test, trained.probabilities, data.splits.classes);
  }
  shared::write_results(settings.out, page);

  if (!shared::came_to_its_end("digits", trained.run)) return shared::interrupted_status();
  if (!settings.quiet) {
    shared::say("\ntest accuracy  {:.4f}   ({} of {} images correct)\n", record.accuracy.test,
                trained.test.confusion.correct(), trained.test.counted);
    shared::print_ending(record, settings.out);
  }
  if (!settings.quiet) print(trained.rate_curve);
  for (const strata::metrics::MetricValue& metric : trained.test.metrics)
    if (!settings.quiet) shared::say("test {:<9} {:.4f}\n", metric.name, metric.value);
  watching.finish();
  return 0;
}

}  // namespace digits
