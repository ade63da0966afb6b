// SPDX-License-Identifier: MIT
#include "job.hpp"
#include "../shared/say.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include <strata/report/progress.hpp>

#include "recipe.hpp"

namespace street_scenes {

namespace {

/// The first `images` images, starting over if there are too few.
std::vector<strata::data::ImagePair> cut(const std::vector<strata::data::ImagePair>& all, long images) {
  std::vector<strata::data::ImagePair> out;
  for (long i = 0; i < images && !all.empty(); i++) out.push_back(all[std::size_t(i) % all.size()]);
  return out;
}

strata::data::SegmentationSet make_set(const Job& job, std::vector<strata::data::ImagePair> pairs,
                                       const strata::data::SetOptions& options) {
  return strata::data::SegmentationSet(std::move(pairs), job.scenes.files.coding, job.scenes.files.classes,
                                       job.network.input, options);
}

/// Opens the sets, with the memory that the plan leaves as cache for decoded images.
void open_sets(Job& job, long limit) {
  strata::data::SegmentationFiles& files = job.scenes.files;
  const TrainSettings& t = job.settings;
  if (files.train.empty()) throw strata::Error(job.scenes.folder, ": has no training images; give a set with some");
  if (t.steps > 0) {
    const long images = long(t.steps) * t.batch, most = 1'000'000;
    if (images > most)
      throw strata::Error("--steps ", t.steps, " of --batch ", t.batch, " use ", images, " images; give at most ",
                          most);
    files.train = cut(files.train, images);
    files.validation.clear(), files.test.clear();
  }
  if (t.batch > int(files.train.size()))
    throw strata::Error("--batch ", t.batch, ": the training set has ", files.train.size(),
                        " images; give at most that many");
  const long image = decoded_bytes(job.network.input);
  const long left = std::max(0L, limit - job.cost.host());
  long room = t.cache < 0 ? left : long(t.cache * 1e9);
  const auto share = [&](const std::vector<strata::data::ImagePair>& pairs) {
    const long taken = std::min(room, image * long(pairs.size()));
    room -= taken, job.cost.cache += taken;
    return taken;
  };
  strata::data::SetOptions options{.cache_bytes = share(files.train), .queue = batches_ahead * images_at_once(t)};
  options.augmentation = augmentation(t);
  options.resize = resize_of(t.resize);
  const auto plain = [&](long cache) {
    strata::data::SetOptions out{.cache_bytes = cache, .decoder_threads = 0, .queue = 1};
    out.resize = options.resize;
    return out;
  };
  job.train = make_set(job, files.train, options);
  job.validation = make_set(job, files.validation, plain(share(files.validation)));
  job.test = make_set(job, files.test, plain(0));
}

/// Counts the pixels of each class and computes the class weights.
void weigh_classes(Job& job) {
  const TrainSettings& t = job.settings;
  job.pixels = strata::data::count_pixels(job.train);
  if (job.pixels.labeled == 0)
    throw strata::Error(
        job.scenes.folder, ": no pixel of its ", job.train.count(),
        " training images has a class, so there is nothing to learn from; give labels with at least one class");
  strata::data::PixelCounts counted = job.pixels;
  if (t.class_weights == "median-all")
    for (strata::data::SegmentationSet* set : {&job.validation, &job.test})
      if (set->count() > 0) counted += strata::data::count_pixels(*set);
  if (t.class_weights != "none") job.weights = strata::data::median_frequency_weights(counted);
  if (t.class_weights == "root")
    for (float& w : job.weights) w = std::sqrt(w);
  if (t.quiet) return;
  shared::say(
      "{}: {} images for training, {} for validation, {} for testing ({}, {}); {:.2f} % of the training pixels are labeled\n",
      job.scenes.files.name, job.train.count(), job.validation.count(), job.test.count(), job.scenes.files.layout,
      job.scenes.files.how_split, 100 * double(job.pixels.labeled) / double(std::max(1L, job.pixels.total)));
  for (const std::string& remark : strata::data::remarks(job.train.report())) shared::say("{}\n", remark);
  for (int c : strata::data::absent_classes(job.pixels)) {
    const bool weightless = !job.weights.empty() && job.weights[std::size_t(c)] == 0;
    shared::say("the class {} never occurs{}\n", job.scenes.files.classes[std::size_t(c)].name,
                weightless ? ": its weight is 0" : " in the training images: it cannot be learned from them");
  }
}

}  // namespace

void prepare(Job& job) {
  const long limit = memory_limit(job.settings.memory);
  require_memory(job.network, job.settings, job.processor, limit);
  job.cost = cost_of(job.network, job.settings, images_at_once(job.settings), job.processor);
  job.scenes = obtain(job.settings);
  open_sets(job, limit);
  if (job.settings.keep != "last" && job.settings.steps == 0 && job.validation.count() == 0)
    throw strata::Error("--keep ", job.settings.keep, ": ", job.scenes.folder,
                        " has no validation images; give a set with some, or --keep last");
  weigh_classes(job);
}

namespace {

/// Prints one line: the sum and its parts.
void say_memory(const char* whose, long sum, const MemoryParts& parts, const char* end) {
  std::string line = fmt::format("{}  {}:", whose, gigabytes(sum));
  const char* before = " ";
  for (const auto& [name, bytes] : parts)
    line += fmt::format("{}{:.0f} MB {}", before, double(bytes) / 1e6, name), before = ", ";
  shared::say("{}{}\n", line, end);
}

}  // namespace

void say_cost(const Job& job) {
  const TrainSettings& t = job.settings;
  shared::say("{}, {} parameters, {} MACs per image, on {}\n", words(job.network), job.facts.summary.parameters,
              job.facts.summary.macs, shared::words(job.device, job.processor.threads));
  say_memory("memory", job.cost.host(), host_parts(job.cost), "");
  if (job.cost.on_device) say_memory("device", job.cost.device(), device_parts(job.cost), ", plus cuDNN's workspaces");
  shared::flush_output();
  const int images = images_at_once(t);
  strata::graph::Pace pace = job.network.measure(images, job.processor);
  pace.update *= std::ceil(double(t.batch) / images);
  const long validations = t.validate_every > 0 ? (t.epochs + t.validate_every - 1) / t.validate_every : 1;
  const double seconds = strata::graph::training_seconds(
      {double(job.updates() * t.epochs), double(validations * job.validation.count() + job.test.count())}, pace);
  shared::say("time    about {}: {:.2f} s per update, {} updates per epoch, {:.3f} s per validation image\n",
              strata::report::duration(seconds), pace.update, job.updates(), pace.image);
  shared::flush_output();
}

}  // namespace street_scenes
