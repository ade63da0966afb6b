// SPDX-License-Identifier: MIT
// Learning curves of several runs in one plot: loss, accuracy and, of label maps, mean IoU, against epochs, iterations
// or time. Records may be foreign: points with impossible numbers are left out.
#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <strata/core/files/file.hpp>
#include <strata/core/text/printable.hpp>
#include <strata/report/page.hpp>

namespace strata::report {

/// A run in a plot of several.
struct CurveRun {
  std::string name;  ///< in the table that is also the key of the colors
  RunRecord record;  ///< of which the curves read `history`
};

/// What a plot's x axis counts: `epochs`, `iterations`, or the `time` since the start of the training.
enum class Against : unsigned char { epochs, iterations, time };

namespace detail {

inline constexpr const char* run_colors[] = {"#3b82c4", "#d9772b", "#2f9e62", "#9b59b6", "#c0392b",
                                             "#16a0a0", "#b8860b", "#7a7f87", "#e377c2", "#5b4bc4"};
inline std::string run_color(std::size_t run) { return run_colors[run % std::size(run_colors)]; }

/// Where each record of a history stands on the axis; below 0: nowhere. An epoch that has not ended is as long as the
/// longest other.
inline std::vector<double> positions(const std::vector<training::Record>& history, Against against) {
  std::vector<double> out;
  std::vector<std::size_t> within;  // of the epoch
  std::size_t longest = 1;
  for (std::size_t i = 0; i < history.size(); i++) {
    within.push_back(i > 0 && history[i].epoch == history[i - 1].epoch ? within[i - 1] + 1 : 1);
    longest = std::max(longest, within[i]);
  }
  for (std::size_t i = 0; i < history.size(); i++) {
    const training::Record& r = history[i];
    const double at = against == Against::epochs       ? double(r.epoch) - 1 + double(within[i]) / double(longest)
                      : against == Against::iterations ? double(r.iteration)
                                                       : r.seconds;
    out.push_back(at >= 0 && at <= 1e12 ? at : -1);
  }
  return out;
}

/// A unit of time in which the longest run has at least one, and its seconds.
inline std::pair<const char*, double> time_unit(double seconds) {
  if (seconds >= 2 * 3600) return {"hours", 3600};
  return seconds >= 120 ? std::pair{"minutes", 60.} : std::pair{"seconds", 1.};
}

/// The points of what value(record) gives, where that is 0 or more; at most about 150, neighbors averaged.
template <class Value>
std::vector<std::pair<double, double>> curve_points(const CurveRun& run, Against against, double unit,
                                                    const Value& value) {
  std::vector<std::pair<double, double>> out;
  const std::vector<double> at = positions(run.record.history, against);
  for (std::size_t i = 0; i < at.size(); i++) {
    const double y = value(run.record.history[i]);
    if (at[i] >= 0 && y >= 0 && y <= 1e30) out.emplace_back(at[i] / unit, y);
  }
  std::stable_sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  return thinned(out, 150);
}

/// One chart with two lines for each run, those of the validation dashed. training: null for none.
inline Chart curve_chart(const std::vector<CurveRun>& runs, Against against, Chart chart,
                         double (*training)(const training::Record&), double (*validation)(const training::Record&)) {
  double unit = 1;
  chart.x_title = against == Against::epochs ? "epochs" : "iterations";
  if (against == Against::time) {
    double longest = 0;
    for (const CurveRun& run : runs)
      for (const double at : positions(run.record.history, against)) longest = std::max(longest, at);
    const auto [name, seconds] = time_unit(longest);
    chart.x_title = name, unit = seconds;
  }
  for (std::size_t i = 0; i < runs.size(); i++) {
    if (training) chart.series.push_back({"", run_color(i), curve_points(runs[i], against, unit, training)});
    chart.series.push_back({"", run_color(i), curve_points(runs[i], against, unit, validation), training != nullptr});
  }
  return chart;
}

/// The charts against one axis. label_maps: with the mean IoU; otherwise with the error, 1 - accuracy.
inline std::string curve_charts(const std::vector<CurveRun>& runs, Against against, bool label_maps) {
  using training::Record;
  std::string out = svg(curve_chart(
      runs, against, {.title = "Loss", .x_title = "", .logarithmic = true}, [](const Record& r) { return r.loss; },
      [](const Record& r) { return r.validation_loss.value_or(-1); }));
  out += svg(curve_chart(
      runs, against, {.title = "Accuracy", .x_title = "", .percent = true},
      [](const Record& r) { return r.train_accuracy; },
      [](const Record& r) { return r.validation_accuracy.value_or(-1); }));
  if (label_maps)
    return out + svg(curve_chart(runs, against, {.title = "Mean IoU of the validation", .x_title = "", .percent = true},
                                 nullptr, [](const Record& r) { return r.validation_mean_iou.value_or(-1); }));
  return out +
         svg(curve_chart(  // where accuracies near 1 differ
             runs, against, {.title = "Error of the validation", .x_title = "", .percent = true, .logarithmic = true},
             nullptr, [](const Record& r) {
               const double accuracy = r.validation_accuracy.value_or(1);
               return accuracy < 1 ? 1 - accuracy : -1;
             }));
}

/// Tabs without a script; on paper, all are shown.
inline constexpr const char* curve_style = R"(
.tabs>input{position:absolute;opacity:0}.tabs>label{display:inline-block;padding:4px 14px;border-radius:6px 6px 0 0;cursor:pointer;color:var(--soft)}
.tabs>input:checked+label{background:var(--panel);color:var(--ink);font-weight:600}
.tabs>input:focus-visible+label{outline:2px solid #3b82c4}
.tabs>.pair{display:none;padding-top:8px}
.tabs>.by-epochs:checked~.pair.by-epochs,.tabs>.by-iterations:checked~.pair.by-iterations,.tabs>.by-time:checked~.pair.by-time{display:grid}
@media print{.tabs>.pair{display:grid}}
.swatch{display:inline-block;width:12px;height:12px;border-radius:3px;margin-right:8px;vertical-align:-1px}
)";

/// The best validation of a run, by mean IoU or accuracy.
inline const training::Record* best_validation(const std::vector<training::Record>& history, bool label_maps) {
  const training::Record* best = nullptr;
  const auto measure = [&](const training::Record& r) {
    return label_maps ? r.validation_mean_iou.value_or(-1) : r.validation_accuracy.value_or(-1);
  };
  for (const training::Record& r : history)
    if (measure(r) >= 0 && (!best || measure(r) > measure(*best))) best = &r;
  return best;
}

/// A row per run: what its color is, what it is, and its best validation.
inline std::string curve_table(const std::vector<CurveRun>& runs, bool label_maps) {
  using graph::detail::escaped;
  std::string out =
      "<div class=\"wide\"><table><tr><th>run</th><th class=\"n\">best validation</th><th class=\"n\">in epoch</th><th "
      "class=\"n\">after</th><th class=\"n\">epochs</th><th class=\"n\">iterations</th><th class=\"n\">time</th><th "
      "class=\"n\">batch</th><th>network</th><th>data</th></tr>\n";
  for (std::size_t i = 0; i < runs.size(); i++) {
    const RunRecord& r = runs[i].record;
    const training::Record* const best = best_validation(r.history, label_maps);
    const auto number = [&](const std::string& text) { out += "<td class=\"n\">" + text + "</td>"; };
    out += "<tr><th><span class=\"swatch\" style=\"background:" + run_color(i) + "\"></span>" +
           escaped(core::printable(runs[i].name)) + "</th>";
    number(best ? percent(label_maps ? *best->validation_mean_iou : *best->validation_accuracy) : "–");
    number(best ? std::to_string(best->epoch) : ""), number(best ? duration(best->seconds) : "");
    number(std::to_string(r.epochs)), number(graph::detail::grouped(r.iterations)), number(duration(r.seconds.total));
    number(std::to_string(r.batch));
    out +=
        "<td>" + escaped(core::printable(r.network)) + "</td><td>" + escaped(core::printable(r.dataset.name)) + "</td>";
    out += "</tr>\n";
  }
  return out + "</table></div>\n";
}

}  // namespace detail

/// Whether any of the runs classified pixels.
inline bool have_label_maps(const std::vector<CurveRun>& runs) {
  return std::any_of(runs.begin(), runs.end(), [](const CurveRun& run) {
    return run.record.task == "street_scenes" || run.record.metrics != Metrics();
  });
}

/// The learning curves of the runs as a part of a page whose style includes detail::curve_style: a table that is also
/// the key of the colors, and the charts, one tab for each axis.
inline std::string learning_curves(const std::vector<CurveRun>& runs) {
  const bool label_maps = have_label_maps(runs);
  std::string out = detail::curve_table(runs, label_maps);
  out +=
      "<p></p><p class=\"soft\">Solid lines: training, averaged over neighboring iterations. Dashed lines: validation. Best "
      "validation by " +
      std::string(label_maps ? "mean IoU" : "accuracy") + ".</p>\n<div class=\"tabs\">\n";
  constexpr std::pair<const char*, Against> axes[] = {
      {"epochs", Against::epochs}, {"iterations", Against::iterations}, {"time", Against::time}};
  for (const auto& [name, against] : axes)
    out += "<input type=\"radio\" name=\"curves\" id=\"curves-" + std::string(name) + "\" class=\"by-" + name + "\"" +
           (against == Against::epochs ? " checked" : "") + "><label for=\"curves-" + name + "\">by " + name +
           "</label>\n";
  for (const auto& [name, against] : axes)
    out += "<div class=\"pair by-" + std::string(name) + "\">" + detail::curve_charts(runs, against, label_maps) +
           "</div>\n";
  return out + "</div>\n";
}

/// The same as an HTML document.
inline std::string curves_html(const std::vector<CurveRun>& runs) {
  RunRecord complete;  // the head of a page warns of a run that is not
  complete.status = "complete";
  std::string out =
      detail::page_head("Learning curves", std::to_string(runs.size()) + (runs.size() == 1 ? " run" : " runs"),
                        complete, detail::curve_style);
  for (const CurveRun& run : runs)
    if (run.record.status != "complete")
      out +=
          "<p class=\"bad\">" + graph::detail::escaped(core::printable(run.name + ": " + run.record.status)) + "</p>\n";
  return out + learning_curves(runs) + "</main></body></html>\n";
}

/// Writes curves_html(runs) to a file atomically. Throws Error if that fails.
inline void write_curves(const std::string& path, const std::vector<CurveRun>& runs) {
  core::write_file(path, curves_html(runs));
}

}  // namespace strata::report
