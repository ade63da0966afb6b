// SPDX-License-Identifier: MIT
// `street_scenes train`: checks the data, prints the cost of the training, trains, tests, and writes the results.
#include <fmt/format.h>

#include <strata/core/clock.hpp>
#include <strata/report/progress.hpp>

#include "../shared/interruption.hpp"
#include "../shared/out_folder.hpp"
#include "../shared/resuming.hpp"
#include "../shared/say.hpp"
#include "../shared/thread_warning.hpp"
#include "../shared/watching.hpp"
#include "recipe.hpp"
#include "results.hpp"
#include "scoring.hpp"

namespace street_scenes {

namespace {

/// Evaluates the trained model on the test set, or without one on the validation set, and writes the results.
void test(Job& job, strata::report::RunRecord& record, double started) {
  const bool has_test = job.test.count() > 0;
  strata::data::SegmentationSet& set = has_test ? job.test : job.validation;
  std::vector<strata::report::ScenePlate> scenes;
  std::string judged_on;
  if (set.count() > 0) {
    judged_on = fmt::format("the {} images of the {} set", set.count(), has_test ? "test" : "validation");
    if (!job.settings.quiet) shared::say("evaluating the model on {}\n", judged_on), shared::flush_output();
    const std::string weights = job.path("model.safetensors");
    const Scored scored = score({job.network, weights, job.processor, set, set.pairs(), job.scenes.files.classes, 6},
                                shared::stop_requested);
    record.metrics = metrics_of(scored.scores, job.scenes.files.classes);
    record.confusion = scored.scores.confusion;
    (has_test ? record.accuracy.test : record.accuracy.validation) = record.metrics.global_accuracy;
    scenes = scored.scenes;
  }
  record.seconds.total = strata::core::clock_seconds() - started;
  record.peak_rss_bytes = strata::report::peak_memory();
  write_results(job, record, scenes, judged_on);
}

/// Adds the initial weights to the record and prints them, with at most 20 names per list.
void tell_weights(const TrainSettings& t, const strata::models::TrunkReport& report,
                  strata::report::RunRecord& record) {
  record.weights = {t.weights, report.prefix, report.taken, report.missing, report.left_over, report.unused};
  if (t.quiet) return;
  shared::say("{}: {}\n", t.weights, report.text());
  const auto say = [](const char* what, const std::vector<std::string>& names) {
    constexpr std::size_t most = 20;
    if (names.empty()) return;
    const bool all = names.size() <= most;
    shared::say("  {}: {}{}\n", what, shared::joined({names.begin(), all ? names.end() : names.begin() + most}, ", "),
                all ? "" : ", ...");
  };
  say("missing", report.missing);
  say("left over", report.left_over);
}

/// "kept epoch 7, the best by validation mean IoU 0.6312"; empty if the last was kept.
std::string kept_text(const strata::training::Run& run) {
  if (run.kept_iteration == 0) return "";
  const strata::training::Record& r = run.history[std::size_t(run.kept_iteration - 1)];
  const bool by_loss = run.kept_by == strata::Keep::best_loss;
  return fmt::format("kept epoch {}, the best by validation {} {:.4f}", r.epoch, by_loss ? "loss" : "mean IoU",
                     by_loss ? *r.validation_loss : *r.validation_mean_iou);
}

}  // namespace

int train(const TrainSettings& given) {
  const TrainSettings settings = resolved(given);
  const double started = strata::core::clock_seconds();
  shared::listen_for_interruption();
  Job job(settings);
  if (!settings.quiet) shared::warn_of_threads("street_scenes", job.processor);
  const shared::OutFolder out(settings.out);
  const std::string checkpoint = settings.out + "/checkpoint.strata";
  const strata::training::Resume resume = shared::resume_of(settings.resume, settings.resume_anyway, checkpoint);
  prepare(job);
  strata::TrainOptions options = recipe(settings, job.updates(), job.weights);
  if (settings.steps > 0) options.epochs = 1, options.keep = strata::Keep::last;
  else
    options.checkpoints = {.path = checkpoint,
                           .resume = resume,
                           .conditions = conditions_of(settings, job.processor, job.device),
                           .anyway = "--resume-anyway"};
  strata::report::RunRecord record = record_of(job);
  record.seconds.load = strata::core::clock_seconds() - started;
  if (!settings.quiet && settings.steps == 0) say_cost(job);

  options.stop = &shared::stop_requested;
  shared::Watching watching(settings.quiet, settings.tensorboard, true);
  options.observer = strata::observe(watching);
  const auto tell_trunk = [&](const strata::models::TrunkReport& report) { tell_weights(settings, report, record); };
  const strata::training::Run run =
      job.network.train({.train = job.train,
                         .validation = &job.validation,
                         .options = options,
                         .processor = job.processor,
                         .seed = settings.seed,
                         .initialize = initialization(settings),
                         .imagenet_input = settings.normalize == "imagenet",
                         .trunk = settings.weights,
                         .trunk_options = {.prefix = settings.weights_prefix,
                                           .partly = settings.weights_partly,
                                           .allow = "--weights-partly"},
                         .tell_trunk = tell_trunk,
                         .weights = settings.steps ? "" : job.path("model.safetensors"),
                         .precision = settings.save_precision == "fp16" ? strata::io::SavePrecision::fp16
                                                                        : strata::io::SavePrecision::fp32,
                         .classes = job.scenes.files.classes});
  if (run.nothing_to_do) {
    if (!settings.quiet) shared::say("{}\n", run.why);
    return 0;
  }
  fill(record, run);
  record.seconds.total = strata::core::clock_seconds() - started;
  record.peak_rss_bytes = strata::report::peak_memory();
  write_results(job, record, {}, "");
  if (run.status == strata::training::Status::interrupted) {
    shared::complain("street_scenes", run.why);
    shared::complain("street_scenes", "to continue, repeat the command with --resume");
    return shared::interrupted_status();
  }
  if (run.status == strata::training::Status::failed) throw strata::Error(run.why);
  if (const std::string kept = kept_text(run); !kept.empty() && !settings.quiet) shared::say("{}\n", kept);
  test(job, record, started);
  if (settings.quiet) return watching.finish(), 0;
  if (record.metrics.global_accuracy >= 0) print_scores(record.metrics);
  shared::say(
      "time         {}   (training {}, validation {}, loading {:.1f} s)\npeak memory  {} of {} planned{}\nreport       {}\n",
      strata::report::duration(record.seconds.total), strata::report::duration(record.seconds.train),
      strata::report::duration(record.seconds.validate), record.seconds.load, gigabytes(record.peak_rss_bytes),
      gigabytes(job.cost.host()), job.cost.on_device ? " on the host" : "", job.path("report.html"));
  watching.finish();
  return 0;
}

}  // namespace street_scenes
