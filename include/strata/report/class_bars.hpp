// SPDX-License-Identifier: MIT
// Scores by class as bars: accuracy, IoU and mean BF score, each of this run and of external results.
#pragma once

#include <string>
#include <vector>

#include <strata/data/class_list.hpp>
#include <strata/report/chart.hpp>
#include <strata/report/run_record.hpp>

namespace strata::report {

/// External results, for comparison.
struct ReferenceScores {
  std::string name;  ///< who measured them
  Metrics metrics;   ///< classes are matched with ours by name
};

namespace detail {

inline constexpr const char* bar_colors[] = {first_color, "#9aa6b4", second_color, "#2f9e62", "#9b59b6"};

/// The class of that name; without one, nothing is measured.
inline ClassMetrics class_of(const Metrics& metrics, const std::string& name) {
  for (const ClassMetrics& c : metrics.classes)
    if (c.name == name) return c;
  return {};
}

/// One chart: for each class a group of bars, first this run's, then those of the references.
inline std::string bar_chart(const std::string& title, double ClassMetrics::*score, const Metrics& own,
                             const std::vector<ReferenceScores>& references, const data::ClassList& classes) {
  constexpr int width = 640, left = 112, right = 64, top = 52, bar = 9, gap = 9;
  const int sides = 1 + int(references.size()), group = sides * bar + gap, room = width - left - right;
  const int height = top + group * int(classes.size()) + 26;
  std::string out = "<svg class=\"chart bars\" xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " +
                    std::to_string(width) + " " + std::to_string(height) + "\" role=\"img\" aria-label=\"" +
                    graph::detail::escaped(title) + "\">";
  out += "<text class=\"title\" x=\"16\" y=\"18\">" + graph::detail::escaped(title) + "</text>";
  double key = 16;
  for (int s = 0; s < sides; s++) {
    const std::string& name = s == 0 ? "this run" : references[std::size_t(s) - 1].name;
    out += "<rect x=\"" + general(key) + "\" y=\"29\" width=\"12\" height=\"10\" rx=\"2\" fill=\"" +
           bar_colors[std::size_t(s) % std::size(bar_colors)] + "\"/>";
    out += Axes::label(key + 18, 38, "start", name);
    key += 18 + 9.8 * double(name.size()) + 14;
  }
  for (int tick = 0; tick <= 100; tick += 20) {
    const std::string x = general(left + room * tick / 100.);
    out += "<line class=\"grid\" x1=\"" + x + "\" x2=\"" + x + "\" y1=\"" + std::to_string(top - 4) + "\" y2=\"" +
           std::to_string(height - 22) + "\"/>";
    out += Axes::label(left + room * tick / 100., height - 8, "middle", std::to_string(tick) + " %");
  }
  for (std::size_t c = 0; c < classes.size(); c++) {
    const int y = top + group * int(c);
    out += Axes::label(left - 8, y + sides * bar / 2. + 4, "end", classes[c].name);
    for (int s = 0; s < sides; s++) {
      const double value = class_of(s == 0 ? own : references[std::size_t(s) - 1].metrics, classes[c].name).*score;
      if (!(value >= 0 && value <= 1)) continue;  // not measured
      const std::string text = fixed(100 * value, 1);
      out +=
          "<rect x=\"" + std::to_string(left) + "\" y=\"" + std::to_string(y + s * bar) + "\" width=\"" +
          fixed(room * value, 1) + "\" height=\"" + std::to_string(bar - 1) + "\" fill=\"" +
          bar_colors[std::size_t(s) % std::size(bar_colors)] + "\"><title>" +
          graph::detail::escaped((s == 0 ? "this run" : references[std::size_t(s) - 1].name) + ", " + classes[c].name) +
          ": " + text + " %</title></rect>";
      if (s == 0) out += Axes::label(width - right + 54, y + sides * bar / 2. + 4, "end", text);
    }
  }
  return out + "</svg>\n";
}

}  // namespace detail

/// The three charts as SVG elements, one class below the other; the numbers at the right are this run's, in percent.
inline std::string class_bars(const Metrics& own, const std::vector<ReferenceScores>& references,
                              const data::ClassList& classes) {
  return detail::bar_chart("Accuracy", &ClassMetrics::accuracy, own, references, classes) +
         detail::bar_chart("IoU", &ClassMetrics::iou, own, references, classes) +
         detail::bar_chart("Mean BF score", &ClassMetrics::mean_bf_score, own, references, classes);
}

}  // namespace strata::report
