// SPDX-License-Identifier: MIT
#include "results.hpp"

#include <fmt/format.h>

#include <strata/report/history.hpp>

#include "recipe.hpp"
#include "references.hpp"

namespace street_scenes {

namespace {

strata::report::MemoryGrowth growth_of(const Job& job) {
  const int images = images_at_once(job.settings);
  const auto cost = [&](int count, int more_threads) {
    shared::Processor processor = job.processor;
    processor.threads += more_threads;
    const Cost cost = cost_of(job.network, job.settings, count, processor);
    return cost.on_device ? cost.device() : cost.host();
  };
  return {.per_image = cost(images + 1, 0) - cost(images, 0),
          .per_thread = cost(images, 1) - cost(images, 0),
          .group = 1,
          .cache = job.cost.cache,
          .device = job.cost.device()};
}

}  // namespace

strata::report::RunRecord record_of(const Job& job) {
  const TrainSettings& t = job.settings;
  strata::report::RunRecord r;
  r.task = "street_scenes";
  r.network = name_of(job.network);
  r.hash = job.network.hash.text();
  r.parameters = job.facts.summary.parameters, r.macs = job.facts.summary.macs;
  r.arena_bytes = job.cost.network.training;
  r.threads = job.processor.threads, r.batch = t.batch, r.seed = t.seed;
  r.dataset = {job.scenes.files.name, job.train.count(), job.validation.count(),
               job.test.count(),      classes,           job.scenes.bytes};
  r.conditions = conditions_of(t, job.processor, job.device);
  r.work = job.network.work, r.memory = growth_of(job);
  r.machine = strata::report::this_machine();
  r.device = job.device;
  return r;
}

void write_results(const Job& job, const strata::report::RunRecord& record,
                   const std::vector<strata::report::ScenePlate>& scenes, const std::string& judged_on) {
  write_run_record(job.path("run.json"), record);
  strata::report::write_history(job.path("history.csv"), record.history);
  strata::report::SegmentationPage page{
      .title = job.scenes.files.name + ": DeepLabv3+ on ResNet-18",
      .subtitle = fmt::format("{} variant, {} pixels, batch {}, {} epochs, seed {}", job.network.variant,
                              job.network.size, job.settings.batch, job.settings.epochs, job.settings.seed),
      .record = record};
  if (job.scenes.generated) page.notice = generated_notice;
  page.judged_on = judged_on;
  page.classes = job.scenes.files.classes;
  page.references = references(job.scenes.generated);
  page.reference_note = job.scenes.generated ? reference_note_for_generated : reference_note;
  page.pixels = job.pixels, page.weights = job.weights;
  page.scenes = scenes;
  page.memory = host_parts(job.cost), page.device_memory = device_parts(job.cost);
  page.summary = job.facts.summary, page.diagram = job.facts.diagram;
  page.settings = describe(job.settings);
  page.settings.insert(page.settings.begin(), {"split", job.scenes.files.how_split});
  write_page(job.path("report.html"), page);
}

}  // namespace street_scenes
