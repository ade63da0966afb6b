// SPDX-License-Identifier: MIT
// `digits`: loads, trains, tests, and writes run.json, history.csv, report.html and model.safetensors.
#include <algorithm>

#include <fmt/format.h>

#include <strata/core/available_memory.hpp>
#include <strata/core/clock.hpp>
#include <strata/data/mnist_download.hpp>
#include <strata/data/png.hpp>
#include <strata/metrics/metric_names.hpp>
#include <strata/report/history.hpp>
#include <strata/report/page.hpp>

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

/// The misclassified test images whose true class got the lowest probability, at most 24.
std::vector<strata::report::Plate> worst_mistakes(const strata::data::Dataset& test,
                                                  const std::vector<float>& probabilities, int classes) {
  struct Mistake {
    int image, predicted;
    float own;
  };
  std::vector<Mistake> mistakes;
  for (int i = 0; i < test.count(); i++) {
    const float* p = probabilities.data() + std::size_t(i) * std::size_t(classes);
    const int predicted = strata::metrics::most_probable(p, classes);
    if (predicted != test.label(i)) mistakes.push_back({i, predicted, p[test.label(i)]});
  }
  std::stable_sort(mistakes.begin(), mistakes.end(), [](const Mistake& a, const Mistake& b) { return a.own < b.own; });
  mistakes.resize(std::min<std::size_t>(mistakes.size(), 24));
  std::vector<strata::report::Plate> out;
  for (const Mistake& m : mistakes) {
    const float* p = probabilities.data() + std::size_t(m.image) * std::size_t(classes);
    out.push_back({strata::data::encode_png(test.bytes(m.image), test.shape()),
                   fmt::format("{} taken for {} ({:.1f} %), no. {}", test.label(m.image), m.predicted,
                               100 * double(p[m.predicted]), m.image)});
  }
  return out;
}

/// How the memory grows from this batch size to twice as many images, and with more threads.
strata::report::MemoryGrowth growth_of(const CompiledNetwork& network, int batch, const shared::Processor& processor) {
  const bool on_cpu = processor.device == "cpu";
  const auto bytes = [&](int images, int threads) {
    return network.training_bytes(images, {processor.device, processor.precision, threads});
  };
  const long planned = bytes(batch, processor.threads);
  return {.per_image = (bytes(2 * batch, processor.threads) - planned) / batch,
          .per_thread = bytes(batch, processor.threads + 1) - planned,
          .group = on_cpu ? 16 : 1,  // lanes
          .device = on_cpu ? 0 : planned};
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
  r.work = network.work, r.memory = growth_of(network, settings.batch, processor);
  r.machine = strata::report::this_machine();
  r.device = device;
  return r;
}

void print_network(const Facts& facts, const strata::report::RunRecord& record) {
  shared::say(
      "{}: {} parameters, {} MACs per image; training needs {:.1f} MB of planned memory for batches of {}, on {}\n",
      record.network, facts.summary.parameters, facts.summary.macs, double(record.arena_bytes) / 1e6, record.batch,
      shared::words(record.device, record.threads));
}

/// Throws strata::Error if training with this batch size needs more memory than is free.
void require_memory(const strata::report::RunRecord& record, const shared::Processor& processor) {
  const long available = strata::core::available_memory();
  if (processor.device != "cpu" || available < 0 || record.arena_bytes <= available) return;
  throw strata::Error("--batch ", record.batch, ": training ", std::min(record.batch, record.dataset.train),
                      " images at once needs ", record.arena_bytes / 1'000'000, " MB, but only ", available / 1'000'000,
                      " MB are free; use a smaller batch");
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
  if (!settings.quiet) print_network(facts, record);
  require_memory(record, processor);

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
                                         .options = options,
                                         .processor = processor,
                                         .seed = settings.seed,
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
    page.mistakes = worst_mistakes(data.splits.test, trained.probabilities, data.splits.classes);
  }
  write_run_record(settings.out + "/run.json", record);
  strata::report::write_history(settings.out + "/history.csv", record.history);
  write_page(settings.out + "/report.html", page);

  if (trained.run.status == strata::training::Status::interrupted) {
    shared::complain("digits", trained.run.why);
    shared::complain("digits", "to continue, repeat the command with --resume");
    return shared::interrupted_status();
  }
  if (trained.run.status == strata::training::Status::failed) throw strata::Error(trained.run.why);
  if (!settings.quiet)
    shared::say(
        "\ntest accuracy  {:.4f}   ({} of {} images correct)\n"
        "time           {}   (training {:.1f} s, validation {:.1f} s, loading {:.1f} s)\n"
        "peak memory    {:.0f} MB{}\n"
        "report         {}/report.html\n",
        record.accuracy.test, trained.test.confusion.correct(), trained.test.counted,
        strata::report::duration(record.seconds.total), record.seconds.train, record.seconds.validate,
        record.seconds.load, double(record.peak_rss_bytes) / 1e6, device.kind == "cpu" ? "" : " on the host",
        settings.out);
  if (!settings.quiet) print(trained.rate_curve);
  for (const strata::metrics::MetricValue& metric : trained.test.metrics)
    if (!settings.quiet) shared::say("test {:<9} {:.4f}\n", metric.name, metric.value);
  watching.finish();
  return 0;
}

}  // namespace digits
