// SPDX-License-Identifier: MIT
// A comparison as a single self-contained HTML file: charts by batch size, and its tables.
#pragma once

#include <string>
#include <vector>

#include <strata/report/comparison_tables.hpp>
#include <strata/report/curves.hpp>
#include <strata/report/page.hpp>

namespace strata::report {

namespace detail {

/// A chart by batch size of what value(run) gives for our runs, if it is above 0.
template <class Value>
Chart batch_chart(const Comparison& c, const std::string& title, bool percent, const Value& value) {
  Chart chart{.title = title, .x_title = "batch size", .percent = percent, .doubling = true};
  for (std::size_t s = 0; s < c.setups.size(); s++) {
    Series series{"", run_color(s)};
    for (const int batch : batches_of(c, nullptr)) {
      const double y = median_of(runs_of(c, int(s), batch), value);
      if (y > 0) series.points.emplace_back(double(batch), y);
    }
    chart.series.push_back(std::move(series));
  }
  return chart;
}

/// Adds the published runs, whose colors follow ours.
template <class Value>
void add_published(Chart& chart, const Comparison& c, const Published* published, const Value& value) {
  for (std::size_t p = 0; published && p < published->setups.size(); p++) {
    Series series{"", run_color(c.setups.size() + p)};
    for (const PublishedRun& run : published->setups[p].runs)
      if (const double y = value(run); y > 0) series.points.emplace_back(double(run.batch), y);
    chart.series.push_back(std::move(series));
  }
}

inline bool has_points(const Chart& chart) {
  for (const Series& series : chart.series)
    if (!series.points.empty()) return true;
  return false;
}

/// The charts, with a point or a line for each setup.
inline std::string comparison_charts(const Comparison& c, const Published* published) {
  const auto seconds = [](const PublishedRun& r) { return r.updates > 0 ? r.seconds / double(r.updates) : 0; };
  Chart time =
      batch_chart(c, "Time in minutes", false, [](const ComparedRun& r) { return total_seconds(r.record) / 60; });
  if (has_points(time)) add_published(time, c, published, [](const PublishedRun& r) { return r.seconds / 60; });
  Chart pace = batch_chart(c, "Seconds per update", false, [](const ComparedRun& r) { return r.times.median; });
  pace.logarithmic = true;
  add_published(pace, c, published, seconds);
  Chart rate = batch_chart(c, "Images per second", false, images_per_second);
  add_published(rate, c, published, [&](const PublishedRun& r) { return seconds(r) > 0 ? r.batch / seconds(r) : 0; });
  Chart accuracy = batch_chart(c, "Accuracy", true, [](const ComparedRun& r) { return accuracy_of(r.record); });
  if (has_points(accuracy)) add_published(accuracy, c, published, [](const PublishedRun& r) { return r.accuracy; });
  const Chart iou = batch_chart(c, "Mean IoU", true, [](const ComparedRun& r) { return mean_iou_of(r.record); });
  const Chart memory =
      batch_chart(c, "Memory in MB", false, [](const ComparedRun& r) { return double(memory_of(r.record)) / 1e6; });
  std::string out = "<div class=\"pair\">";
  for (const Chart& chart : {time, pace, rate, accuracy, iou, memory})
    if (has_points(chart)) out += svg(chart);
  return out + "</div>\n";
}

/// What each color stands for.
inline std::string color_key(const Comparison& c, const Published* published) {
  std::vector<std::string> names = c.setups;
  for (std::size_t p = 0; published && p < published->setups.size(); p++)
    names.push_back(published->source + ", " + published->setups[p].name);
  std::string out = "<p>";
  for (std::size_t s = 0; s < names.size(); s++)
    out +=
        "<span style=\"white-space:nowrap;margin-right:18px\"><span style=\"display:inline-block;width:12px;height:12px;"
        "border-radius:3px;margin-right:6px;background:" +
        run_color(s) + "\"></span>" + graph::detail::escaped(core::printable(names[s])) + "</span> ";
  return out + "</p>\n";
}

}  // namespace detail

/// The comparison as an HTML document.
inline std::string comparison_html(const Comparison& c, const Published* published, const std::vector<Table>& tables) {
  const RunRecord& r = c.runs.front().record;
  RunRecord complete;  // the head of a page warns of a run that is not
  complete.status = "complete";
  std::string out = detail::page_head(
      core::printable(r.network) + ": " + std::to_string(c.runs.size()) + (c.runs.size() == 1 ? " run" : " runs"),
      core::printable(r.dataset.name), complete, detail::curve_style);
  out += detail::color_key(c, published) + detail::comparison_charts(c, published);
  for (const Table& table : tables) out += html_of(table);
  std::vector<CurveRun> runs;
  for (const ComparedRun& run : c.runs)
    if (detail::best_validation(run.record.history, false)) runs.push_back({run.name, run.record});
  if (!runs.empty()) out += "<h2>Learning curves</h2>\n" + learning_curves(runs);
  return out + "</main></body></html>\n";
}

}  // namespace strata::report
