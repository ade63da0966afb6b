// SPDX-License-Identifier: MIT
// `street_scenes train`: looks at the data, says what the training will take, trains, tests, and leaves run.json,
// history.csv, report.html and model.safetensors.
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include <strata/core/clock.hpp>
#include <strata/report/history.hpp>
#include <strata/report/segmentation_page.hpp>

#include "cost.hpp"
#include "data.hpp"
#include "interruption.hpp"
#include "recipe.hpp"
#include "references.hpp"
#include "scoring.hpp"

namespace street_scenes {

namespace {

/// Everything that a training works with.
struct Job {
  explicit Job(const TrainSettings& s)
      : settings(s), network(network_with(s.size, s.variant)), facts(network.facts()),
        threads(s.threads ? s.threads : strata::Workers::hardware()) {}

  const TrainSettings& settings;
  const CompiledNetwork& network;
  Facts facts;
  int threads;
  Scenes scenes;
  strata::SegmentationSet train, validation, test;
  strata::PixelCounts pixels;
  std::vector<float> weights;  ///< of the classes
  Cost cost;
  std::string path(const char* file) const { return settings.out + "/" + file; }
  long updates() const { return train.count() / settings.batch; }
};

/// Images for so many updates, again from the start where there are too few.
std::vector<strata::ImagePair> cut(const std::vector<strata::ImagePair>& all, int images) {
  std::vector<strata::ImagePair> out;
  for (int i = 0; i < images && !all.empty(); i++) out.push_back(all[std::size_t(i) % all.size()]);
  return out;
}

strata::SegmentationSet make_set(const Job& job, std::vector<strata::ImagePair> pairs, const strata::SetOptions& options) {
  return strata::SegmentationSet(std::move(pairs), job.scenes.files.coding, job.scenes.files.classes, job.network.input, options);
}

/// The sets, with as much memory for decoded images as the plan leaves.
void open_sets(Job& job, long limit) {
  strata::SegmentationFiles& files = job.scenes.files;
  const TrainSettings& t = job.settings;
  if (files.train.empty()) throw strata::Error(job.scenes.folder, ": has no images to train with; give a set that has");
  if (t.steps > 0) {
    files.train = cut(files.train, t.steps * t.batch);
    files.validation.clear(), files.test.clear();
  }
  if (t.batch > int(files.train.size()))
    throw strata::Error("--batch ", t.batch, ": the training set has ", files.train.size(), " images; take a batch of at most as many");
  const long image = decoded_bytes(job.network.input);
  const long left = std::max(0L, limit - job.cost.total());
  long room = t.cache < 0 ? left : long(t.cache * 1e9);
  const auto share = [&](const std::vector<strata::ImagePair>& pairs) {
    const long taken = std::min(room, image * long(pairs.size()));
    room -= taken, job.cost.cache += taken;
    return taken;
  };
  strata::SetOptions options{.cache_bytes = share(files.train), .decoder_threads = decoder_threads, .queue = batches_ahead * images_at_once(t)};
  options.augmentation = augmentation(t);
  options.resize = resize_of(t.resize);
  const auto plain = [&](long cache) {
    strata::SetOptions out{.cache_bytes = cache, .decoder_threads = 0, .queue = 1};
    out.resize = options.resize;
    return out;
  };
  job.train = make_set(job, files.train, options);
  job.validation = make_set(job, files.validation, plain(share(files.validation)));
  job.test = make_set(job, files.test, plain(0));
}

void say_unknown(const strata::DecodeReport& report) {
  if (report.unknown_pixels == 0) return;
  fmt::print("{} pixels of {} pictures have labels that the class list does not know (the first: {}); they are void\n",
             report.unknown_pixels, report.pictures_with_unknown, report.unknown);
}

/// Counts the pixels of each class and weighs the classes.
void weigh_classes(Job& job) {
  const TrainSettings& t = job.settings;
  job.pixels = strata::count_pixels(job.train);
  strata::PixelCounts counted = job.pixels;
  if (t.class_weights == "median-all")
    for (strata::SegmentationSet* set : {&job.validation, &job.test})
      if (set->count() > 0) counted += strata::count_pixels(*set);
  if (t.class_weights != "none") job.weights = strata::median_frequency_weights(counted);
  if (t.class_weights == "root")
    for (float& w : job.weights) w = std::sqrt(w);
  if (t.quiet) return;
  fmt::print("{}: {} images train, {} validate, {} test ({}, {}); {:.2f} % of the training pixels are labelled\n",
             job.scenes.files.name, job.train.count(), job.validation.count(), job.test.count(), job.scenes.files.layout,
             job.scenes.files.how_split, 100 * double(job.pixels.labelled) / double(std::max(1L, job.pixels.total)));
  say_unknown(job.train.report());
  for (int c : strata::absent_classes(counted))
    fmt::print("the class {} never occurs: its weight is 0\n", job.scenes.files.classes[std::size_t(c)].name);
}

std::vector<std::pair<std::string, long>> parts_of(const Cost& cost) {
  return {{"activations and gradients of a step", cost.training_plan},
          {"activations of a validation", cost.validation_plan},
          {"parameters, gradients, momentum", cost.numbers},
          {"images of a batch and read ahead", cost.batches},
          {"decoded images that are kept", cost.cache},
          {"program and libraries, at most", cost.program}};
}

/// What the training will take: memory by the plan, time by a step and an image that are measured.
void say_cost(const Job& job) {
  const TrainSettings& t = job.settings;
  fmt::print("{} {}, {} parameters, {} MACs an image, on {} threads\n", job.network.variant, job.network.size, job.facts.summary.parameters,
             job.facts.summary.macs, job.threads);
  fmt::print("memory  {}:", gigabytes(job.cost.total()));
  const char* before = " ";
  for (const auto& [name, bytes] : parts_of(job.cost)) fmt::print("{}{:.0f} MB {}", before, double(bytes) / 1e6, name), before = ", ";
  fmt::print("\n");
  std::fflush(stdout);
  const int images = images_at_once(t);
  const Pace pace = job.network.measure(images, job.threads);
  const double update = pace.step * std::ceil(double(t.batch) / images);
  const long validations = t.validate_every > 0 ? (t.epochs + t.validate_every - 1) / t.validate_every : 1;
  const double seconds = update * double(job.updates() * t.epochs) + pace.image * double(validations * job.validation.count() + job.test.count());
  fmt::print("time    about {}: an update takes {:.2f} s, {} make an epoch; an image of the validation {:.3f} s\n",
             strata::duration(seconds), update, job.updates(), pace.image);
  std::fflush(stdout);
}

strata::RunRecord record_of(const Job& job) {
  const TrainSettings& t = job.settings;
  strata::RunRecord r;
  r.task = "street_scenes";
  r.network = fmt::format("DeepLabv3Plus<{}, {}, {}>", job.network.size, classes, job.network.variant);
  r.hash = strata::hexadecimal(job.facts.hash);
  r.parameters = job.facts.summary.parameters, r.macs = job.facts.summary.macs;
  r.arena_bytes = job.cost.training_plan;
  r.threads = job.threads, r.batch = t.batch, r.seed = t.seed;
  r.dataset = {job.scenes.files.name, job.train.count(), job.validation.count(), job.test.count(), classes};
  r.machine = strata::this_machine();
  r.device.name = r.machine.cpu, r.device.memory_bytes = r.machine.ram_bytes;
  return r;
}

void write_results(const Job& job, const strata::RunRecord& record, const std::vector<strata::ScenePlate>& scenes, const std::string& judged_on) {
  write_run_record(job.path("run.json"), record);
  write_history(job.path("history.csv"), record.history);
  strata::SegmentationPage page{.title = job.scenes.files.name + ": DeepLabv3+ on ResNet-18",
                                .subtitle = fmt::format("{} variant, {} pixels, batch {}, {} epochs, seed {}", job.network.variant,
                                                        job.network.size, job.settings.batch, job.settings.epochs, job.settings.seed),
                                .record = record};
  if (job.scenes.generated) page.notice = generated_notice;
  page.judged_on = judged_on;
  page.classes = job.scenes.files.classes;
  page.references = references(), page.reference_note = job.scenes.generated ? reference_note_for_generated : reference_note;
  page.pixels = job.pixels, page.weights = job.weights;
  page.scenes = scenes;
  page.memory = parts_of(job.cost);
  page.summary = job.facts.summary, page.diagram = job.facts.diagram;
  page.settings = describe(job.settings);
  page.settings.insert(page.settings.begin(), {"split", job.scenes.files.how_split});
  write_page(job.path("report.html"), page);
}

/// Judges the trained model on the test set, or on the validation set where there is no test.
void test(Job& job, strata::RunRecord& record, double started) {
  const bool has_test = job.test.count() > 0;
  strata::SegmentationSet& set = has_test ? job.test : job.validation;
  std::vector<strata::ScenePlate> scenes;
  std::string judged_on;
  if (set.count() > 0) {
    judged_on = fmt::format("the {} images of the {} set", set.count(), has_test ? "test" : "validation");
    if (!job.settings.quiet) fmt::print("judging the model on {}\n", judged_on), std::fflush(stdout);
    const std::string weights = job.path("model.safetensors");
    const Scored scored = score({job.network, weights, job.threads, set, set.pairs(), job.scenes.files.classes, 6}, stop_requested);
    record.metrics = metrics_of(scored.scores, job.scenes.files.classes);
    record.confusion = scored.scores.confusion;
    (has_test ? record.accuracy.test : record.accuracy.validation) = record.metrics.global_accuracy;
    scenes = scored.scenes;
  }
  record.seconds.total = strata::clock_seconds() - started;
  record.peak_rss_bytes = strata::peak_memory();
  write_results(job, record, scenes, judged_on);
}

}  // namespace

int train(const TrainSettings& settings) {
  const double started = strata::clock_seconds();
  listen_for_interruption();
  prepare_folder(settings.out, "--out");
  const std::string checkpoint = settings.out + "/checkpoint.strata";
  if (settings.resume && !strata::file_exists(checkpoint))
    throw strata::Error("--resume: there is no ", checkpoint, "; give the --out of the training that was interrupted");
  Job job(settings);
  const long limit = memory_limit(settings.memory);
  require_memory(job.network, settings, job.threads, limit);
  job.cost = cost_of(job.network, images_at_once(settings), job.threads);
  job.scenes = obtain(settings);
  open_sets(job, limit);
  weigh_classes(job);
  strata::TrainOptions options = recipe(settings, job.updates(), job.weights);
  if (settings.steps > 0) options.epochs = 1;
  else options.checkpoints = {.path = checkpoint, .resume = settings.resume ? strata::Resume::yes : strata::Resume::no};
  strata::RunRecord record = record_of(job);
  record.seconds.load = strata::clock_seconds() - started;
  if (!settings.quiet && settings.steps == 0) say_cost(job);
  if (stop_requested) throw strata::Error("interrupted before the training began; nothing was changed");

  options.stop = &stop_requested;
  strata::ProgressLine progress;
  progress.label_maps = true;
  if (!settings.quiet) options.observer = strata::observe(progress);
  const strata::Run run = job.network.train({.train = job.train,
                                             .validation = &job.validation,
                                             .options = options,
                                             .seed = settings.seed,
                                             .threads = job.threads,
                                             .initialise = initialisation(settings),
                                             .imagenet_input = settings.normalise == "imagenet",
                                             .trunk = settings.weights,
                                             .tell_trunk = [&](const strata::TrunkReport& report) { if (!settings.quiet) fmt::print("{}: {}\n", settings.weights, report.text()); },
                                             .weights = settings.steps ? "" : job.path("model.safetensors")});
  fill(record, run);
  record.seconds.total = strata::clock_seconds() - started;
  record.peak_rss_bytes = strata::peak_memory();
  write_results(job, record, {}, "");
  if (run.status == strata::Status::interrupted) {
    fmt::print(stderr, "street_scenes: {}\nstreet_scenes: to go on, give the same command with --resume\n", run.why);
    return 130;
  }
  if (run.status == strata::Status::failed) throw strata::Error(run.why);
  test(job, record, started);
  if (settings.quiet) return 0;
  if (record.metrics.global_accuracy >= 0) print_scores(record.metrics);
  fmt::print("time         {}   (training {}, validation {}, loading {:.1f} s)\npeak memory  {} of {} planned\nreport       {}\n",
             strata::duration(record.seconds.total), strata::duration(record.seconds.train), strata::duration(record.seconds.validate),
             record.seconds.load, gigabytes(record.peak_rss_bytes), gigabytes(job.cost.total()), job.path("report.html"));
  return 0;
}

}  // namespace street_scenes
