// SPDX-License-Identifier: MIT
// `street_scenes evaluate`.
#include <optional>

#include <fmt/format.h>

#include <strata/core/clock.hpp>
#include <strata/report/run_record.hpp>

#include "../shared/interruption.hpp"
#include "../shared/out_folder.hpp"
#include "../shared/say.hpp"
#include "../shared/thread_warning.hpp"
#include "data.hpp"
#include "published.hpp"
#include "references.hpp"
#include "scoring.hpp"

namespace street_scenes {

namespace {

struct Part {
  std::string name;
  std::vector<strata::data::ImagePair> pairs;
};

/// split: "test", "val", "train", or a folder of the set next to FOLDER_labels or FOLDERannot; empty: the test set, or
/// if there is none the validation set. Throws strata::Error if there are no images.
Part part_of(const Scenes& scenes, const std::string& split) {
  const strata::data::SegmentationFiles& files = scenes.files;
  Part part{split, {}};
  if (split.empty()) part = files.test.empty() ? Part{"val", files.validation} : Part{"test", files.test};
  else if (split == "test") part.pairs = files.test;
  else if (split == "val") part.pairs = files.validation;
  else if (split == "train") part.pairs = files.train;
  else if (const std::string images = scenes.folder + "/" + split; strata::data::folder_exists(images + "_labels"))
    part.pairs = strata::data::pair_folders(images, images + "_labels", "_L");
  else part.pairs = strata::data::pair_folders(images, images + "annot", "");
  if (part.pairs.empty())
    throw strata::Error(scenes.folder, ": has no images in the part ", part.name,
                        "; give another --split: test, val, train or a folder");
  return part;
}

/// Throws strata::Error if the model was trained on other classes.
void check_classes(const std::string& model, const Scenes& scenes) {
  const strata::data::ClassList trained = classes_of(model);
  for (std::size_t c = 0; c < trained.size() && c < scenes.files.classes.size(); c++)
    if (trained[c].name != scenes.files.classes[c].name)
      throw strata::Error(model, ": was trained on other classes: its class ", c, " is ", trained[c].name, ", that of ",
                          scenes.folder, " is ", scenes.files.classes[c].name,
                          "; give data with the model's classes, or another model");
}

/// Prints the comparison with the workshop, and writes it to the folder if there is one.
void say_published(const strata::report::Metrics& metrics, const Scenes& scenes, const std::string& folder) {
  const char* const they = "workshop";
  const Comparison comparison = compared(metrics, workshop_scores());
  shared::say(
      "\ncompared with the workshop of 2021: CamVid, 720 x 960, from ImageNet weights, a random 60/20/20 split\n");
  if (scenes.generated)
    shared::say("these scenes are drawn, not CamVid: the workshop's figures do not apply to them\n");
  for (const std::string& line : lines_of(comparison, they)) shared::say("{}\n", line);
  if (!comparison.ours_alone.empty())
    shared::say("the workshop does not have the class {}\n", shared::joined(comparison.ours_alone, ", "));
  if (!comparison.theirs_alone.empty())
    shared::say("these images do not have the workshop's class {}\n", shared::joined(comparison.theirs_alone, ", "));
  if (folder.empty()) return;
  const std::string path = folder + "/published.csv";
  strata::core::write_file(path, csv_of(comparison, they));
  shared::say("{}\n", path);
}

}  // namespace

int evaluate(const EvaluateSettings& settings) {
  const double started = strata::core::clock_seconds();
  shared::listen_for_interruption();
  const shared::Processor processor = shared::processor(settings.device, settings.precision, settings.threads);
  shared::warn_of_threads("street_scenes", processor);
  const CompiledNetwork& network = network_of(settings.model, settings.size, settings.device);
  const strata::report::DeviceRecord device = network.record(processor);
  verify(network, settings.model, settings.verify, processor);
  std::optional<shared::OutFolder> out;
  if (!settings.out.empty()) out.emplace(settings.out);
  const Scenes scenes = open_scenes(data_folder(settings.data));
  check_classes(settings.model, scenes);
  const Part part = part_of(scenes, settings.split);
  strata::data::SetOptions options{.cache_bytes = 0, .decoder_threads = 0, .queue = 1};
  options.resize = resize_of(settings.resize);
  strata::data::SegmentationSet set(part.pairs, scenes.files.coding, scenes.files.classes, network.input, options);

  shared::say("{} on the {} images of {}, {}, using {}\n", words(network), set.count(), scenes.files.name, part.name,
              shared::words(device, processor.threads));
  if (scenes.generated) shared::say("these scenes are drawn, not CamVid\n");
  shared::flush_output();
  const Scored scored =
      score({network, settings.model, processor, set, part.pairs, scenes.files.classes}, shared::stop_requested);
  const strata::report::Metrics metrics = metrics_of(scored.scores, scenes.files.classes);
  print_scores(metrics);
  for (const std::string& remark : strata::data::remarks(set.report())) shared::say("{}\n", remark);
  for (int c = 0; c < scored.scores.confusion.classes; c++)
    if (scored.scores.confusion.of_class(c) == 0)
      shared::say("the class {} never occurs in these images\n", scenes.files.classes[std::size_t(c)].name);
  if (settings.published) say_published(metrics, scenes, settings.out);
  shared::say("time {}\n", strata::report::duration(strata::core::clock_seconds() - started));
  if (settings.out.empty()) return 0;

  const Facts facts = network.facts();
  strata::report::RunRecord record;
  record.status = "complete", record.task = "street_scenes evaluate";
  record.network = name_of(network);
  record.hash = network.hash.text();
  record.parameters = facts.summary.parameters, record.macs = facts.summary.macs;
  record.arena_bytes = network.memory(1, false, processor).validation;
  record.threads = processor.threads, record.batch = 1;
  record.dataset = {scenes.files.name, 0, 0, set.count(), classes};
  record.accuracy.test = metrics.global_accuracy;
  record.metrics = metrics, record.confusion = scored.scores.confusion;
  record.machine = strata::report::this_machine();
  record.device = device;
  record.seconds.total = strata::core::clock_seconds() - started;
  record.peak_rss_bytes = strata::report::peak_memory();
  write_run_record(settings.out + "/evaluation.json", record);
  return 0;
}

}  // namespace street_scenes
