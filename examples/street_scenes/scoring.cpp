// SPDX-License-Identifier: MIT
#include "scoring.hpp"
#include "../shared/say.hpp"

#include <fmt/format.h>

#include <strata/core/finite.hpp>
#include <strata/data/png.hpp>

#include "overlay.hpp"

namespace street_scenes {

namespace {

/// Whether image i is one of `wanted` images that are evenly spread over `count`.
bool is_shown(int i, int count, int wanted) {
  const long after = (long(i) + 1) * wanted / count, before = long(i) * wanted / count;
  return after > before;
}

}  // namespace

Scored score(const ScoringTask& task, const std::atomic<bool>& stop) {
  const strata::Shape shape = task.network.input;
  const int count = task.set.count();
  strata::metrics::SegmentationMetrics metrics(int(task.classes.size()));
  Scored out;
  strata::Batch batch;
  const Source source = [&](int i) { return batch = task.set.batch(&i, 1); };
  task.network.segment(task.weights, task.processor, count, source, [&](int i, const std::int32_t* predicted) {
    if (stop)
      throw strata::Error("interrupted after ", i + 1, " of ", count,
                          " images were evaluated; street_scenes evaluate --model ", task.weights, " runs it again");
    const std::int32_t* const truth = batch.labels.values;
    metrics.add(truth, predicted, shape.height, shape.width);
    if (is_shown(i, count, task.pictures)) {
      const strata::metrics::ImageScores image = metrics.scores().images.back();
      out.scenes.push_back(plate(batch.images.bytes, truth, predicted, shape, task.classes));
      out.scenes.back().caption =
          fmt::format("{}: accuracy {:.1f} %, mean IoU {:.3f}", strata::data::stem_of(task.pairs[std::size_t(i)].image),
                      100 * image.global_accuracy, image.mean_iou);
    }
  });
  out.scores = metrics.scores();
  return out;
}

strata::report::Metrics metrics_of(const strata::metrics::SegmentationScores& scores,
                                   const strata::data::ClassList& classes) {
  const auto measured = [](double value) { return strata::core::is_finite(value) ? value : -1; };
  strata::report::Metrics out{measured(scores.global_accuracy), measured(scores.mean_accuracy),
                              measured(scores.mean_iou),        measured(scores.weighted_iou),
                              measured(scores.mean_bf_score),   {}};
  for (std::size_t c = 0; c < classes.size(); c++)
    out.classes.push_back({classes[c].name, measured(scores.classes[c].accuracy), measured(scores.classes[c].iou),
                           measured(scores.classes[c].mean_bf_score)});
  return out;
}

void print_scores(const strata::report::Metrics& m) {
  const auto text = [](double value) { return value < 0 ? std::string("absent") : fmt::format("{:.4f}", value); };
  shared::say("global accuracy {}  mean accuracy {}  mean IoU {}  weighted IoU {}  mean BF score {}\n",
              text(m.global_accuracy), text(m.mean_accuracy), text(m.mean_iou), text(m.weighted_iou),
              text(m.mean_bf_score));
  shared::say("{:<14}{:>10}{:>10}{:>10}\n", "class", "accuracy", "IoU", "BF score");
  for (const strata::report::ClassMetrics& c : m.classes)
    shared::say("{:<14}{:>10}{:>10}{:>10}\n", c.name, text(c.accuracy), text(c.iou), text(c.mean_bf_score));
}

}  // namespace street_scenes
