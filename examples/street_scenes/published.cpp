// SPDX-License-Identifier: MIT
#include "published.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace street_scenes {

namespace {

constexpr const char* titles[] = {"accuracy", "IoU", "BF score"};
constexpr const char* keys[] = {"accuracy", "iou", "bf_score"};

const strata::report::ClassMetrics* class_of(const strata::report::Metrics& metrics, const std::string& name) {
  for (const strata::report::ClassMetrics& c : metrics.classes)
    if (c.name == name) return &c;
  return nullptr;
}

bool both(const Beside& row, int measure) { return row.ours[measure] >= 0 && row.theirs[measure] >= 0; }

/// A field of a CSV file, quoted if necessary.
std::string quoted(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string out = "\"";
  for (char c : text) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + '"';
}

}  // namespace

Comparison compared(const strata::report::Metrics& ours, const strata::report::Metrics& theirs) {
  Comparison out;
  for (const strata::report::ClassMetrics& c : ours.classes) {
    if (const strata::report::ClassMetrics* other = class_of(theirs, c.name))
      out.rows.push_back(
          {c.name, {c.accuracy, c.iou, c.mean_bf_score}, {other->accuracy, other->iou, other->mean_bf_score}});
    else out.ours_alone.push_back(c.name);
  }
  for (const strata::report::ClassMetrics& c : theirs.classes)
    if (!class_of(ours, c.name)) out.theirs_alone.push_back(c.name);
  out.rows.push_back({"total",
                      {ours.mean_accuracy, ours.mean_iou, ours.mean_bf_score},
                      {theirs.mean_accuracy, theirs.mean_iou, theirs.mean_bf_score}});
  out.rows.push_back({"total by pixels",
                      {ours.global_accuracy, ours.weighted_iou, -1},
                      {theirs.global_accuracy, theirs.weighted_iou, -1}});
  return out;
}

std::vector<std::string> lines_of(const Comparison& comparison, const std::string& they) {
  std::size_t names = 5;
  for (const Beside& row : comparison.rows) names = std::max(names, row.name.size());
  const std::size_t ours = 9, theirs = std::max<std::size_t>(they.size(), 6) + 2, difference = 12;
  std::vector<std::string> out{fmt::format("{:<{}}", "", names), fmt::format("{:<{}}", "class", names)};
  for (const char* title : titles) {
    out[0] += fmt::format("{:>{}}", title, ours + theirs + difference);
    out[1] += fmt::format("{:>{}}{:>{}}{:>{}}", "ours", ours, they, theirs, "difference", difference);
  }
  const auto number = [](double value) { return value < 0 ? std::string("-") : fmt::format("{:.4f}", value); };
  for (const Beside& row : comparison.rows) {
    out.push_back(fmt::format("{:<{}}", row.name, names));
    for (int m = 0; m < Beside::measures; m++)
      out.back() += fmt::format("{:>{}}{:>{}}{:>{}}", number(row.ours[m]), ours, number(row.theirs[m]), theirs,
                                both(row, m) ? fmt::format("{:+.4f}", row.ours[m] - row.theirs[m]) : "-", difference);
  }
  return out;
}

std::string csv_of(const Comparison& comparison, const std::string& they) {
  std::string out = "class";
  for (const char* key : keys) out += fmt::format(",our_{0},{1}_{0},{0}_difference", key, they);
  out += "\n";
  const auto number = [](double value) { return value < 0 ? std::string() : fmt::format("{:.6f}", value); };
  for (const Beside& row : comparison.rows) {
    out += quoted(row.name);
    for (int m = 0; m < Beside::measures; m++)
      out += fmt::format(",{},{},{}", number(row.ours[m]), number(row.theirs[m]),
                         both(row, m) ? fmt::format("{:.6f}", row.ours[m] - row.theirs[m]) : "");
    out += "\n";
  }
  return out;
}

}  // namespace street_scenes
