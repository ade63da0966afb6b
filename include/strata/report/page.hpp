// SPDX-License-Identifier: MIT
// The report of a training: a single self-contained HTML file, readable on a phone and offline.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <strata/metrics/metrics.hpp>
#include <strata/report/chart.hpp>
#include <strata/report/progress.hpp>
#include <strata/report/run_record.hpp>
#include <strata/train/rate_curve.hpp>

namespace strata::report {

/// An image with a caption.
struct Plate {
  core::Bytes png;      ///< the image's file
  std::string caption;  ///< plain text
};

/// What the page of a classifier's training shows. Texts are plain; the page escapes them.
struct ReportPage {
  std::string title, subtitle{};                                ///< the headings
  RunRecord record{};                                           ///< of the run
  metrics::Confusion confusion{};                               ///< of the test set; no classes: omitted
  std::vector<std::string> class_names{};                       ///< empty: 0, 1, 2, ...
  std::vector<Plate> mistakes{};                                ///< worst first
  std::string diagram{};                                        ///< SVG
  graph::SummaryTable summary{};                                ///< of the network
  std::vector<std::pair<std::string, std::string>> settings{};  ///< names and values
  training::RateCurve rate_curve{};                             ///< what find_rate() returned; empty: omitted
};

namespace detail {

inline std::string base64(const core::Bytes& bytes) {
  constexpr const char* digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t left = bytes.size() - i;
    const unsigned group =
        unsigned(bytes[i]) << 16 | (left > 1 ? unsigned(bytes[i + 1]) << 8 : 0) | (left > 2 ? bytes[i + 2] : 0);
    out += digits[group >> 18], out += digits[group >> 12 & 63];
    out += left > 1 ? digits[group >> 6 & 63] : '=';
    out += left > 2 ? digits[group & 63] : '=';
  }
  return out;
}

inline std::string percent(double share) { return share < 0 ? "not measured" : fixed(100 * share, 2) + " %"; }
inline std::string megabytes(long bytes) { return fixed(double(bytes) / 1e6, 1) + " MB"; }

inline constexpr const char* page_style = R"(
:root{color-scheme:light dark;--ink:#1d2733;--soft:#5b6673;--line:#d9dfe6;--paper:#fff;--panel:#f5f7fa}
@media(prefers-color-scheme:dark){:root{--ink:#e6ebf1;--soft:#9aa6b4;--line:#39424d;--paper:#14181d;--panel:#1c2229}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.5 system-ui,sans-serif}
main{max-width:1080px;margin:0 auto;padding:24px 16px 64px}
h1{font-size:26px;line-height:1.2;margin:0 0 4px}h2{font-size:18px;margin:36px 0 12px}
p{margin:0 0 12px}.soft{color:var(--soft)}.bad{color:#c53030;font-weight:600}
.figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(148px,1fr));gap:12px;margin:20px 0}
.figures div{background:var(--panel);border-radius:8px;padding:10px 14px}
.figures b{display:block;font-size:21px;line-height:1.3}.figures span{color:var(--soft);font-size:13px}
.pair{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,420px),1fr));gap:16px}
.chart{width:100%;height:auto;background:var(--panel);border-radius:8px}
.chart text{fill:var(--soft);font-size:12px;font-family:inherit}.chart .title{fill:var(--ink);font-weight:600;font-size:13px}
.grid{stroke:var(--line)}
.wide{overflow-x:auto}
table{border-collapse:collapse;font-size:13px}
th,td{padding:4px 10px;text-align:left;border-bottom:1px solid var(--line);white-space:nowrap}
td.cut{max-width:280px;overflow:hidden;text-overflow:ellipsis}
th{color:var(--soft);font-weight:600}td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}
.confusion td{text-align:right;min-width:38px;padding:4px 7px;font-variant-numeric:tabular-nums;border:1px solid var(--paper)}
.confusion th{border:0;padding:4px 7px}
.plates{display:grid;grid-template-columns:repeat(auto-fill,minmax(104px,1fr));gap:12px}
figure{margin:0;background:var(--panel);border-radius:8px;padding:8px;font-size:12px;line-height:1.35}
figure img{width:100%;image-rendering:pixelated;display:block;border-radius:4px;margin-bottom:6px}
@media(max-width:520px){.chart text{font-size:17px}.chart .title{font-size:18px}}
.drawing{background:#fff;border-radius:8px;padding:8px}
)";

/// Pairs of a value and its label, as large tiles.
inline std::string tiles(const std::vector<std::pair<std::string, std::string>>& all) {
  std::string out = "<div class=\"figures\">";
  for (const auto& [value, what] : all)
    out += "<div><b>" + graph::detail::escaped(value) + "</b><span>" + graph::detail::escaped(what) + "</span></div>";
  return out + "</div>\n";
}

inline std::string figures(const RunRecord& r) {
  const bool of_values = r.errors.mae >= 0;
  const std::string of_head = r.heads.empty() ? "" : " of " + r.heads[0].name;
  const auto first =
      of_values ? std::pair<std::string, std::string>{fixed(r.errors.rmse, 4), "root mean squared error" + of_head}
                : std::pair<std::string, std::string>{percent(r.accuracy.test), "test accuracy" + of_head};
  const auto second =
      of_values ? std::pair<std::string, std::string>{fixed(r.errors.r2, 4), "R2, 1 is perfect" + of_head}
                : std::pair<std::string, std::string>{percent(r.accuracy.validation), "validation accuracy" + of_head};
  return tiles({first,
                second,
                {duration(r.seconds.total), "total (min:s)"},
                {megabytes(r.peak_rss_bytes), "peak memory"},
                {graph::detail::grouped(std::lround(r.images_per_second)), "images per second, training"},
                {graph::detail::grouped(r.parameters), "parameters"}});
}

inline constexpr const char *mean_absolute = "mean absolute", *root_mean_square = "root mean square";  // of errors

/// The metrics of the last validation; empty: there are none.
inline std::string metric_tiles(const RunRecord& r) {
  std::vector<std::pair<std::string, std::string>> all;
  for (const metrics::MetricValue& metric : r.measured)
    all.emplace_back(core::is_finite(metric.value) ? fixed(metric.value, 4) : "–", "validation " + metric.name);
  return all.empty() ? "" : tiles(all);
}

/// A chart of each metric of the validations.
inline std::string metric_curves(const RunRecord& r) {
  std::string out;
  for (const std::string& name : metric_names(r.history)) {
    Chart chart{.title = name + " of the validation", .x_title = "iteration"};
    chart.series = {{"", second_color}};
    for (const training::Record& record : r.history)
      if (const std::optional<double> value = metric_of(record.metrics, name))
        chart.series[0].points.emplace_back(double(record.iteration), *value);
    out += svg(chart);
  }
  return out;
}

/// The losses of a search for a learning rate.
inline std::string rate_section(const training::RateCurve& curve) {
  Chart chart{
      .title = "Loss by learning rate", .x_title = "learning rate", .logarithmic = true, .tenfold = true, .series = {}};
  chart.series = {{"of a batch", first_color}, {"smoothed", second_color}};
  for (std::size_t i = 0; i < curve.rates.size(); i++) {
    chart.series[0].points.emplace_back(curve.rates[i], curve.losses[i]);
    chart.series[1].points.emplace_back(curve.rates[i], curve.smoothed[i]);
  }
  return "<h2>Learning rate</h2><p class=\"soft\">A short training whose rate grew in each update" +
         std::string(curve.diverged ? ", until it diverged" : "") + ". " +
         (curve.suggestion ? "The smoothed loss fell fastest at a rate of " + general(*curve.suggestion, 2)
                           : std::string("The smoothed loss did not fall")) +
         ".</p>\n<div style=\"max-width:640px\">" + svg(chart) + "</div>\n";
}

inline std::string curves(const RunRecord& r) {
  Chart loss{.title = "Loss", .x_title = "iteration", .logarithmic = true};
  Chart accuracy{.title = "Accuracy", .x_title = "iteration", .percent = true};
  Series train_loss{"training", first_color}, validation_loss{"validation", second_color};
  Series train_accuracy = train_loss, validation_accuracy = validation_loss, mae = train_loss, rmse = validation_loss;
  mae.name = mean_absolute, rmse.name = root_mean_square;
  for (const training::Record& record : r.history) {
    const double at = double(record.iteration);
    train_loss.points.emplace_back(at, record.loss);
    train_accuracy.points.emplace_back(at, record.train_accuracy);
    if (record.validation_loss) validation_loss.points.emplace_back(at, *record.validation_loss);
    if (record.validation_accuracy) validation_accuracy.points.emplace_back(at, *record.validation_accuracy);
    if (record.validation_mae) mae.points.emplace_back(at, *record.validation_mae);
    if (record.validation_rmse) rmse.points.emplace_back(at, *record.validation_rmse);
  }
  loss.series = {train_loss, validation_loss};
  if (!r.heads.empty()) {  // which have curves of their own
    loss.title = "Sum of the losses";
    return svg(loss);
  }
  accuracy.series = {train_accuracy, validation_accuracy};
  if (rmse.points.empty()) return svg(loss) + svg(accuracy);
  Chart errors{.title = "Errors of the validation", .x_title = "iteration", .logarithmic = true};
  errors.series = {mae, rmse};
  return svg(loss) + svg(errors);
}

/// The losses of one head, and its accuracies or errors.
inline std::string head_curves(const RunRecord& r, std::size_t head) {
  Chart loss{.title = "Loss", .x_title = "iteration", .logarithmic = true};
  Chart accuracy{.title = "Accuracy", .x_title = "iteration", .percent = true};
  Chart errors{.title = "Errors of the validation", .x_title = "iteration", .logarithmic = true};
  loss.series = accuracy.series = {{"training", first_color}, {"validation", second_color}};
  errors.series = {{mean_absolute, first_color}, {root_mean_square, second_color}};
  const auto add = [](Series& series, long iteration, const std::optional<double>& number) {
    if (number) series.points.emplace_back(double(iteration), *number);
  };
  bool of_values = true;
  for (const training::Record& record : r.history) {
    if (head >= record.heads.size()) continue;
    const training::HeadOfRecord& own = record.heads[head];
    of_values = of_values && !own.train_accuracy;
    add(loss.series[0], record.iteration, own.loss), add(loss.series[1], record.iteration, own.validation_loss);
    add(accuracy.series[0], record.iteration, own.train_accuracy);
    add(accuracy.series[1], record.iteration, own.validation_accuracy);
    add(errors.series[0], record.iteration, own.validation_mae);
    add(errors.series[1], record.iteration, own.validation_rmse);
  }
  return svg(loss) + svg(of_values ? errors : accuracy);
}

/// The heads of a network with several: their validation as a table, and their curves.
inline std::string head_section(const RunRecord& r) {
  std::string out =
      "<h2>Heads</h2>\n<div class=\"wide\"><table><tr><th>head</th><th class=\"n\">validation loss</th><th "
      "class=\"n\">accuracy</th><th class=\"n\">mean absolute error</th><th class=\"n\">root mean squared "
      "error</th></tr>\n";
  for (const HeadRecord& head : r.heads) {
    out += "<tr><td>" + graph::detail::escaped(head.name) + "</td>";
    const auto add = [&](double number, const std::string& text) {
      out += "<td class=\"n\">" + (number >= 0 && core::is_finite(number) ? text : "") + "</td>";
    };
    add(head.loss, fixed(head.loss, 4)), add(head.accuracy, percent(head.accuracy));
    add(head.mae, fixed(head.mae, 4)), add(head.rmse, fixed(head.rmse, 4));
    out += "</tr>\n";
  }
  out += "</table></div>\n";
  for (std::size_t head = 0; head < r.heads.size(); head++)
    out += "<h3>" + graph::detail::escaped(r.heads[head].name) + "</h3>\n<div class=\"pair\">" + head_curves(r, head) +
           "</div>\n";
  return out;
}

/// Rows are true classes, columns predicted ones; the color shows the share of the row.
inline std::string confusion_table(const metrics::Confusion& confusion, const std::vector<std::string>& names) {
  const auto name = [&](int c) {
    return names.empty() ? std::to_string(c) : graph::detail::escaped(names[std::size_t(c)]);
  };
  std::string out = "<div class=\"wide\"><table class=\"confusion\"><tr><th></th>";
  for (int c = 0; c < confusion.classes; c++) out += "<th class=\"n\">" + name(c) + "</th>";
  out += "<th class=\"n\">recall</th></tr>\n";
  for (int t = 0; t < confusion.classes; t++) {
    out += "<tr><th>" + name(t) + "</th>";
    for (int p = 0; p < confusion.classes; p++) {
      const long count = confusion.at(t, p), all = confusion.of_class(t);
      const double share = all ? double(count) / double(all) : 0;
      // Mistakes are rare, so their opacity grows with the square root of the share.
      const double strength = t == p ? 0.15 + 0.45 * share : count ? 0.06 + 1.6 * std::sqrt(share) : 0;
      out += "<td style=\"background:rgba(" + std::string(t == p ? "59,130,196," : "217,80,43,") + fixed(strength, 2) +
             ")\">" + (count ? graph::detail::grouped(count) : "") + "</td>";
    }
    out += "<td>" + percent(confusion.accuracy(t)) + "</td></tr>\n";
  }
  return out + "</table></div>\n";
}

inline std::string plates(const std::vector<Plate>& all) {
  std::string out = "<div class=\"plates\">\n";
  for (const Plate& plate : all)
    out += "<figure><img alt=\"" + graph::detail::escaped(plate.caption) + "\" src=\"data:image/png;base64," +
           base64(plate.png) + "\">" + graph::detail::escaped(plate.caption) + "</figure>\n";
  return out + "</div>\n";
}

inline std::string summary_table(const graph::SummaryTable& table) {
  std::string out =
      "<div class=\"wide\"><table><tr><th>name</th><th>layer</th><th class=\"n\">output</th><th "
      "class=\"n\">parameters</th><th class=\"n\">MACs</th><th>kernel</th></tr>\n";
  for (const graph::SummaryLine& line : table.lines)
    out += "<tr><td>" + graph::detail::escaped(line.path) + "</td><td class=\"cut\" title=\"" +
           graph::detail::escaped(line.spelled) + "\">" + graph::detail::escaped(line.spelled) +
           "</td><td class=\"n\">" + graph::detail::spelled(line.out) + "</td><td class=\"n\">" +
           (line.parameters ? graph::detail::grouped(line.parameters) : "") + "</td><td class=\"n\">" +
           (line.macs ? graph::detail::grouped(line.macs) : "") + "</td><td>" +
           graph::detail::escaped(line.fused_into >= 0 ? "fused into " + table.lines[std::size_t(line.fused_into)].path
                                                       : line.kernel) +
           "</td></tr>\n";
  return out + "</table></div>\n";
}

/// A table with one name and value per row.
inline std::string named_rows(const std::vector<std::pair<std::string, std::string>>& rows) {
  std::string out = "<div class=\"wide\"><table>\n";
  for (const auto& [name, value] : rows)
    out += "<tr><th>" + graph::detail::escaped(name) + "</th><td>" + graph::detail::escaped(value) + "</td></tr>\n";
  return out + "</table></div>\n";
}

inline std::string facts(const RunRecord& r, std::vector<std::pair<std::string, std::string>> rows) {
  rows.insert(rows.end(),
              {{"data", r.dataset.name + ": " + graph::detail::grouped(r.dataset.train) + " for training, " +
                            graph::detail::grouped(r.dataset.validation) + " for validation, " +
                            graph::detail::grouped(r.dataset.test) + " for testing"},
               {"seconds", "loading " + fixed(r.seconds.load, 2) + ", training " + fixed(r.seconds.train, 2) +
                               ", validation " + fixed(r.seconds.validate, 2) + ", total " + fixed(r.seconds.total, 2)},
               {"planned memory", megabytes(r.arena_bytes)},
               {"forward work per image", graph::detail::grouped(r.macs) + " MACs"},
               {"structural hash", r.hash},
               {"computed by",
                r.device.name + ", " + fixed(double(r.device.memory_bytes) / 1e9, 0) + " GB, in " + r.device.precision},
               {"machine", r.machine.name + ": " + r.machine.cpu + ", " + std::to_string(r.machine.cores) +
                               " threads, " + fixed(double(r.machine.ram_bytes) / 1e9, 0) + " GB"},
               {"compiled", r.machine.compiler + ", " + r.machine.flags}});
  return named_rows(rows);
}

/// The page up to its figures. `style`: CSS in addition to page_style.
inline std::string page_head(const std::string& title, const std::string& subtitle, const RunRecord& r,
                             const char* style = "") {
  std::string out =
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
      "content=\"width=device-width, initial-scale=1\"><title>" +
      graph::detail::escaped(title) + "</title><style>" + page_style + style + "</style></head><body><main>\n";
  out +=
      "<h1>" + graph::detail::escaped(title) + "</h1><p class=\"soft\">" + graph::detail::escaped(subtitle) + "</p>\n";
  if (r.status != "complete" || !r.why.empty())
    out += "<p class=\"bad\">" + graph::detail::escaped(r.status + (r.why.empty() ? "" : ": " + r.why)) + "</p>\n";
  for (const std::string& deviation : r.resumed_anyway)
    out += "<p class=\"bad\">resumed with a different setting, " + graph::detail::escaped(deviation) + "</p>\n";
  return out;
}

/// The network, the machine and the settings; closes the page.
inline std::string page_foot(const graph::SummaryTable& summary, const std::string& diagram, const RunRecord& r,
                             const std::vector<std::pair<std::string, std::string>>& settings) {
  std::string out = "<h2>Network</h2>\n" + summary_table(summary);
  if (!diagram.empty()) out += "<h2>Diagram</h2><div class=\"wide drawing\">" + diagram + "</div>\n";
  out += "<h2>Machine and settings</h2>\n" + facts(r, settings);
  return out + "</main></body></html>\n";
}

}  // namespace detail

/// The report as an HTML document.
inline std::string html(const ReportPage& page) {
  using graph::detail::escaped;
  std::string out = detail::page_head(page.title, page.subtitle, page.record);
  out += detail::figures(page.record) + detail::metric_tiles(page.record);
  out += "<h2>Training</h2>\n<div class=\"pair\">" + detail::curves(page.record) + detail::metric_curves(page.record) +
         "</div>\n";
  if (!page.rate_curve.rates.empty()) out += detail::rate_section(page.rate_curve);
  if (!page.record.heads.empty()) out += detail::head_section(page.record);
  if (page.confusion.classes > 0)
    out +=
        "<h2>Confusion matrix</h2><p class=\"soft\">Rows are true classes, columns predicted classes, on the test "
        "set.</p>\n" +
        detail::confusion_table(page.confusion, page.class_names);
  if (!page.mistakes.empty())
    out +=
        "<h2>The worst mistakes</h2><p class=\"soft\">Test images whose true class got the smallest probability.</p>\n" +
        detail::plates(page.mistakes);
  return out + detail::page_foot(page.summary, page.diagram, page.record, page.settings);
}

/// Writes html(page) to a file atomically. Throws Error if that fails.
inline void write_page(const std::string& path, const ReportPage& page) { core::write_file(path, html(page)); }

}  // namespace strata::report
