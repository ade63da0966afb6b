// SPDX-License-Identifier: MIT
// The report for a network that classifies pixels: a single self-contained HTML file.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <strata/data/class_weights.hpp>
#include <strata/report/class_bars.hpp>
#include <strata/report/heat_map.hpp>
#include <strata/report/scene_plates.hpp>

namespace strata::report {

/// What the page of a segmentation network's training shows. Texts are plain; the page escapes them.
struct SegmentationPage {
  std::string title, subtitle{};                       ///< the headings
  std::string notice{};                                ///< shown prominently in a box at the top; empty: none
  RunRecord record{};                                  ///< of the run
  std::string judged_on{};                             ///< "the 233 images of the test set"; empty: not evaluated yet
  data::ClassList classes{};                           ///< with their colors
  std::vector<ReferenceScores> references{};           ///< to compare with
  std::string reference_note{};                        ///< what they are
  data::PixelCounts pixels{};                          ///< of the training set
  std::vector<float> weights{};                        ///< per class, in the loss; empty: all 1
  std::vector<ScenePlate> scenes{};                    ///< in this order
  std::vector<std::pair<std::string, long>> memory{};  ///< parts of the process's planned memory, in bytes
  std::vector<std::pair<std::string, long>> device_memory{};    ///< the same for a GPU; empty: none was used
  graph::SummaryTable summary{};                                ///< of the network
  std::string diagram{};                                        ///< SVG
  std::vector<std::pair<std::string, std::string>> settings{};  ///< names and values
  training::RateCurve rate_curve{};                             ///< as ReportPage::rate_curve
};

namespace detail {

inline constexpr const char* segmentation_style = R"(
.notice{border:1px solid #d9772b;border-left-width:6px;border-radius:6px;padding:10px 14px;margin:16px 0}
.heat{max-width:720px;display:block}.heat text{font-size:12px}.heat .light{fill:#fff;font-weight:600}
td.first,th.first{border-left:2px solid var(--line)}tr.own td,td.own{font-weight:600;color:var(--ink)}
.bar{display:inline-block;height:10px;border-radius:2px;background:#3b82c4;vertical-align:0;min-width:1px}
details{margin:0 0 8px;overflow-wrap:anywhere}
.many td,.many th{padding:4px 8px}.many th.n{white-space:normal;max-width:92px;vertical-align:bottom}
@media(max-width:520px){.heat text{font-size:18px}}
)";

/// The value as text, "0.8966"; a dash if it was not measured.
inline std::string score(double value) { return value >= 0 ? fixed(value, 4) : "–"; }
inline std::string score(const std::optional<double>& value) { return score(value.value_or(-1)); }

inline std::string number_cell(const std::string& text, const std::string& more = "") {
  return "<td class=\"n" + more + "\">" + text + "</td>";
}

/// The five metrics of the set, one row each for this run and the references.
inline std::string set_scores(const Metrics& own, const std::vector<ReferenceScores>& references) {
  std::string out =
      "<div class=\"wide\"><table><tr><th></th><th class=\"n\">global accuracy</th><th class=\"n\">mean accuracy</th>"
      "<th class=\"n\">mean IoU</th><th class=\"n\">weighted IoU</th><th class=\"n\">mean BF score</th></tr>\n";
  const auto row = [&](const std::string& name, const Metrics& m, const char* kind) {
    out += "<tr class=\"" + std::string(kind) + "\"><th>" + graph::detail::escaped(name) + "</th>";
    for (double value : {m.global_accuracy, m.mean_accuracy, m.mean_iou, m.weighted_iou, m.mean_bf_score})
      out += number_cell(score(value));
    out += "</tr>\n";
  };
  row("this run", own, "own");
  for (const ReferenceScores& reference : references) row(reference.name, reference.metrics, "");
  return out + "</table></div>\n";
}

/// One row per class: accuracy, IoU and BF score, each for this run and the references.
inline std::string class_scores(const Metrics& own, const std::vector<ReferenceScores>& references,
                                const data::ClassList& classes) {
  const std::string across = std::to_string(references.size() + 1);
  std::string out = "<div class=\"wide\"><table class=\"many\"><tr><th></th>";
  for (const char* what : {"accuracy", "IoU", "mean BF score"})
    out += "<th class=\"first\" colspan=\"" + across + "\">" + what + "</th>";
  out += "</tr>\n<tr><th>class</th>";
  for (int part = 0; part < 3; part++) {
    out += "<th class=\"n first\">this run</th>";
    for (const ReferenceScores& reference : references)
      out += "<th class=\"n\">" + graph::detail::escaped(reference.name) + "</th>";
  }
  out += "</tr>\n";
  for (const data::ClassEntry& entry : classes) {
    out += "<tr><th>" + chip(entry.color) + graph::detail::escaped(entry.name) + "</th>";
    for (double ClassMetrics::*value : {&ClassMetrics::accuracy, &ClassMetrics::iou, &ClassMetrics::mean_bf_score}) {
      out += number_cell(score(class_of(own, entry.name).*value), " first own");
      for (const ReferenceScores& reference : references)
        out += number_cell(score(class_of(reference.metrics, entry.name).*value));
    }
    out += "</tr>\n";
  }
  return out + "</table></div>\n";
}

/// One epoch: loss and accuracy averaged over its updates, time and rate at its end, and its last validation.
struct EpochRow {
  int epoch = 0;
  double seconds = 0, loss = 0, accuracy = 0, rate = 0;
  long updates = 0;
  training::Record validated{};  ///< without validation_accuracy: none
};

inline std::vector<EpochRow> epochs_of(const std::vector<training::Record>& history) {
  std::vector<EpochRow> out;
  for (const training::Record& r : history) {
    if (out.empty() || out.back().epoch != r.epoch) out.push_back({.epoch = r.epoch});
    EpochRow& row = out.back();
    row.seconds = r.seconds, row.rate = r.rate;
    row.loss += r.loss, row.accuracy += r.train_accuracy, row.updates++;
    if (r.validation_accuracy) row.validated = r;
  }
  for (EpochRow& row : out) row.loss /= double(row.updates), row.accuracy /= double(row.updates);
  return out;
}

inline std::string epoch_table(const std::vector<training::Record>& history) {
  const std::vector<EpochRow> rows = epochs_of(history);
  std::string out =
      "<div class=\"wide\"><table><tr><th class=\"n\">epoch</th><th class=\"n\">time</th><th class=\"n\">rate</th><th "
      "class=\"n\">"
      "loss</th><th class=\"n\">accuracy</th><th class=\"n first\">validation loss</th><th class=\"n\">accuracy</th>"
      "<th class=\"n\">mean accuracy</th><th class=\"n\">mean IoU</th></tr>\n";
  const std::size_t step = rows.size() / 60 + 1;  // a page has room for about 60 rows
  for (std::size_t i = 0; i < rows.size(); i++) {
    if (i % step != 0 && i + 1 != rows.size()) continue;
    const EpochRow& row = rows[i];
    const training::Record& v = row.validated;
    out += "<tr>" + number_cell(std::to_string(row.epoch)) + number_cell(duration(row.seconds)) +
           number_cell(general(row.rate)) + number_cell(fixed(row.loss, 4)) + number_cell(fixed(row.accuracy, 4));
    out += number_cell(score(v.validation_loss), " first") + number_cell(score(v.validation_accuracy)) +
           number_cell(score(v.validation_mean_accuracy)) + number_cell(score(v.validation_mean_iou)) + "</tr>\n";
  }
  return out + "</table></div>\n";
}

inline std::string map_curves(const RunRecord& r) {
  Chart means{.title = "Validation, class means", .x_title = "iteration", .percent = true};
  Chart rate{.title = "Learning rate", .x_title = "iteration"};
  Series accuracy{"mean accuracy", first_color}, iou{"mean IoU", second_color}, rates{"", first_color};
  for (const training::Record& record : r.history) {
    rates.points.emplace_back(double(record.iteration), record.rate);
    const double at = double(record.iteration);
    if (record.validation_mean_accuracy) accuracy.points.emplace_back(at, *record.validation_mean_accuracy);
    if (record.validation_mean_iou) iou.points.emplace_back(at, *record.validation_mean_iou);
  }
  means.series = {accuracy, iou};
  rate.series = {rates};
  return svg(means) + svg(rate);
}

/// The kept model, to which the figures belong; empty: it is the last one.
inline std::string kept_line(const RunRecord& r) {
  if (r.kept_iteration == 0) return "";
  const std::string iteration = "iteration " + graph::detail::grouped(r.kept_iteration),
                    by = " by validation " + graph::detail::escaped(words_of(r.kept_by));
  for (const training::Record& record : r.history)
    if (record.iteration == r.kept_iteration)
      return "kept: epoch " + std::to_string(record.epoch) + " (" + iteration + ")" + by + " " +
             score(measure_of(r.kept_by, record));
  return "kept: " + iteration + by;
}

/// The weights that the network began with; lists are collapsible, since they may be long.
inline std::string weights_section(const StartingWeights& weights) {
  std::string out =
      "<h2>Initial weights</h2><p class=\"soft\">" + graph::detail::escaped(weights.file) +
      (weights.prefix.empty() ? "" : "; names in it begin with " + graph::detail::escaped(weights.prefix)) + "</p>\n";
  const auto list = [&](const char* what, const std::vector<std::string>& names) {
    const std::string head = std::string(what) + ": " + graph::detail::grouped(long(names.size()));
    if (names.empty()) return void(out += "<p>" + head + "</p>\n");
    out += "<details><summary>" + head + "</summary><p class=\"soft\">";
    for (std::size_t i = 0; i < names.size(); i++) out += (i ? ", " : "") + graph::detail::escaped(names[i]);
    out += "</p></details>\n";
  };
  list("tensors taken", weights.taken);
  list("missing from the file", weights.missing);
  list("left over, no place in the network", weights.left_over);
  list("from other parts, not used", weights.unused);
  return out;
}

inline std::string class_table(const SegmentationPage& page) {
  const data::PixelCounts& counts = page.pixels;
  std::string out =
      "<div class=\"wide\"><table><tr><th>class</th><th class=\"n\">pixels</th><th class=\"n\">share</th><th></th>"
      "<th class=\"n\">weight in the loss</th></tr>\n";
  for (std::size_t c = 0; c < page.classes.size() && c < counts.pixels.size(); c++) {
    const double share = counts.labeled ? double(counts.pixels[c]) / double(counts.labeled) : 0;
    const double weight = c < page.weights.size() ? double(page.weights[c]) : 1;
    out += "<tr><th>" + chip(page.classes[c].color) + graph::detail::escaped(page.classes[c].name) + "</th>" +
           number_cell(graph::detail::grouped(counts.pixels[c])) + number_cell(fixed(100 * share, 2) + " %") +
           "<td><span class=\"bar\" style=\"width:" + fixed(240 * share, 0) + "px\"></span></td>" +
           number_cell(counts.pixels[c] ? fixed(weight, 4) : "0, does not occur") + "</tr>\n";
  }
  const long unlabeled = counts.total - counts.labeled;
  out += "<tr><th>" + chip({0, 0, 0}) + "void</th>" + number_cell(graph::detail::grouped(unlabeled)) +
         number_cell(counts.total ? fixed(100 * double(unlabeled) / double(counts.total), 2) + " % of all" : "") +
         "<td></td><td class=\"n\">not counted</td></tr>\n";
  return out + "</table></div>\n";
}

inline std::string memory_table(const SegmentationPage& page) {
  std::vector<std::pair<std::string, std::string>> rows;
  const auto plan = [&](const auto& parts, const std::string& where, const char* all) {
    long sum = 0;
    for (const auto& [name, bytes] : parts) rows.emplace_back(where + name, megabytes(bytes)), sum += bytes;
    rows.emplace_back(all, megabytes(sum));
  };
  if (!page.device_memory.empty())
    plan(page.device_memory, "GPU: ", "planned on the GPU, excluding cuDNN's allocations");
  plan(page.memory, "", "planned in total");
  rows.emplace_back("peak of the process", megabytes(page.record.peak_rss_bytes));
  rows.emplace_back("per update", fixed(page.record.seconds.per_iteration, 3) + " s for a batch of " +
                                      std::to_string(page.record.batch));
  rows.emplace_back("training", fixed(page.record.images_per_second, 2) + " images per second");
  return named_rows(rows);
}

inline std::string map_figures(const RunRecord& r) {
  return tiles({{score(r.metrics.mean_iou), "mean IoU"},
                {score(r.metrics.global_accuracy), "global accuracy"},
                {score(r.metrics.mean_accuracy), "mean accuracy"},
                {score(r.metrics.mean_bf_score), "mean BF score"},
                {duration(r.seconds.total), "total (min:s)"},
                {megabytes(r.peak_rss_bytes), "peak memory"}});
}

}  // namespace detail

/// The report as an HTML document.
inline std::string html(const SegmentationPage& page) {
  using graph::detail::escaped;
  const RunRecord& r = page.record;
  static const std::string style = std::string(detail::scene_style) + detail::segmentation_style;
  std::string out = detail::page_head(page.title, page.subtitle, r, style.c_str());
  if (!page.notice.empty()) out += "<p class=\"notice\">" + graph::detail::escaped(page.notice) + "</p>\n";
  out += detail::map_figures(r) + detail::metric_tiles(r);
  if (!page.judged_on.empty()) {
    out += "<h2>Evaluation</h2><p class=\"soft\">On " + graph::detail::escaped(page.judged_on) + ". " +
           graph::detail::escaped(page.reference_note) + "</p>\n";
    out += detail::set_scores(r.metrics, page.references) + "<p></p>" +
           detail::class_scores(r.metrics, page.references, page.classes) + "<p></p><div class=\"pair\">" +
           class_bars(r.metrics, page.references, page.classes) + "</div>\n";
  }
  out += "<h2>Training</h2>\n";
  if (const std::string kept = detail::kept_line(r); !kept.empty()) out += "<p>" + kept + "</p>\n";
  out += "<div class=\"pair\">" + detail::curves(r) + detail::map_curves(r) + detail::metric_curves(r) + "</div>\n";
  if (!page.rate_curve.rates.empty()) out += detail::rate_section(page.rate_curve);
  if (!r.heads.empty()) out += detail::head_section(r);
  out +=
      "<h2>Epoch by epoch</h2><p class=\"soft\">Time since the start; loss and accuracy are means over the updates of the "
      "epoch.</p>\n" +
      detail::epoch_table(r.history);
  if (r.confusion.classes > 0) {
    std::vector<std::string> names;
    for (const data::ClassEntry& entry : page.classes) names.push_back(entry.name);
    out +=
        "<h2>Confusion matrix</h2><p class=\"soft\">Rows are true classes, columns predicted classes; percent of the "
        "row's pixels.</p>\n" +
        heat_map(r.confusion, names, "Confusion matrix");
  }
  if (!page.scenes.empty()) out += "<h2>Scenes</h2>\n" + scene_plates(page.scenes, page.classes);
  if (r.weights != StartingWeights()) out += detail::weights_section(r.weights);
  out += "<h2>Classes of the training set</h2>\n" + detail::class_table(page);
  out += "<h2>Memory and time</h2>\n" + detail::memory_table(page);
  return out + detail::page_foot(page.summary, page.diagram, r, page.settings);
}

/// Writes html(page) to a file atomically. Throws Error if that fails.
inline void write_page(const std::string& path, const SegmentationPage& page) { core::write_file(path, html(page)); }

}  // namespace strata::report
