// SPDX-License-Identifier: MIT
// The page of an experiment: a self-contained HTML file with the verdict, plots of the score against each cost, and the
// table. Needs strata::safetensors (nlohmann-json).
#pragma once

#include <strata/experiment/table.hpp>
#include <strata/report/page.hpp>
#include <strata/report/scatter.hpp>

#include <string>
#include <utility>
#include <vector>

namespace strata::experiment {

namespace detail {

inline constexpr const char *winner_color = "#2f9e64", *reference_color = "#8a4fc7";

/// What is plotted against the score.
struct Cost {
  const char *title, *x_title;
  double (*of)(const CandidateProgram&, const Result&, double latency);
};

inline constexpr Cost costs[] = {
    {"multiply-adds", "MACs per image",
     [](const CandidateProgram& p, const Result&, double) { return double(p.macs); }},
    {"parameters", "parameters", [](const CandidateProgram& p, const Result&, double) { return double(p.parameters); }},
    {"latency", "microseconds for one image, one thread",
     [](const CandidateProgram&, const Result&, double latency) { return 1e6 * latency; }},
    {"memory", "bytes for inference of one image",
     [](const CandidateProgram&, const Result& r, double) { return double(r.arena_bytes); }},
    {"code", "bytes of machine code in the linked program",
     [](const CandidateProgram&, const Result& r, double) { return double(r.code_bytes); }},
};

/// The reference's trainings of the final stage as a standing, by their scores on the validation set.
inline Standing reference_standing(const Findings& findings, const Programs& programs) {
  if (!programs.reference) return {};
  return standing_of(*programs.reference, 0, findings.reference);
}

inline std::string scatter_of(const Cost& cost, const Findings& findings, const Programs& programs, bool percent) {
  report::Scatter plot{.title = programs.score_name + " by " + cost.title, .x_title = cost.x_title, .percent = percent};
  std::vector<std::pair<double, double>> points;
  const int last = findings.standings.empty() ? 0 : findings.standings[0].round;
  for (const Standing& s : findings.standings) {
    if (!s.trained()) continue;
    const double x = cost.of(*s.program, *s.example(), s.latency);
    const bool winner = &s == &findings.standings[0];
    plot.points.push_back(
        {.x = x,
         .y = s.score.mean,
         .deviation = s.score.deviation,
         .name = s.program->name + ": " + core::fixed(s.score.mean, 4) + ", " + graph::detail::grouped(std::lround(x)),
         .color = winner           ? winner_color
                  : s.round < last ? "#9fb3c8"
                                   : report::first_color,
         .large = winner});
    points.emplace_back(x, s.score.mean);
  }
  const std::vector<bool> front = pareto_front(points);
  for (std::size_t i = 0; i < front.size(); i++) plot.points[i].front = front[i];
  const Standing reference = reference_standing(findings, programs);
  if (reference.trained())
    plot.points.push_back({.x = cost.of(*reference.program, *reference.example(), reference.latency),
                           .y = reference.score.mean,
                           .deviation = reference.score.deviation,
                           .name = "reference: " + core::fixed(reference.score.mean, 4),
                           .color = reference_color,
                           .large = true});
  return report::svg(plot);
}

inline std::string table_row(const Standing& s, bool front, const char* mark) {
  using graph::detail::escaped, graph::detail::grouped;
  const Result* r = s.example();
  const auto number = [](bool has, const std::string& text) {
    return "<td class=\"n\">" + (has ? text : std::string()) + "</td>";
  };
  std::string out = "<tr><td>" + std::string(mark) + escaped(s.program->name) + "</td>";
  if (const Result* failed = s.failure())
    out += "<td class=\"bad cut\" title=\"" + escaped(failed->why) + "\">" + outcome_of(s) + ": " +
           escaped(failed->why) + "</td>";
  else out += "<td>" + std::string(s.trained() ? "" : "not tried") + "</td>";
  out += number(r, core::fixed(s.score.mean, 4)) + number(r && s.score.count > 1, core::fixed(s.score.deviation, 4));
  out += number(s.round >= 0 && r, r ? core::decimal(r->trained_epochs) : "");
  out += number(true, grouped(s.program->macs)) + number(true, grouped(s.program->parameters));
  out += number(r, core::fixed(1e6 * s.latency, 1)) + number(r, r ? grouped(r->arena_bytes) : "");
  out += number(r, r ? grouped(r->code_bytes) : "") + number(r, r ? core::fixed(r->seconds, 1) : "");
  return out + "<td>" + (front ? "front" : "") + "</td></tr>\n";
}

}  // namespace detail

/// The page as an HTML document. settings: rows about the task, such as its data and options.
inline std::string html(const std::string& title, const Findings& findings, const Programs& programs,
                        const std::vector<std::pair<std::string, std::string>>& settings) {
  using graph::detail::escaped, graph::detail::grouped;
  report::RunRecord state;
  state.status = "complete";
  if (findings.interrupted) state.status = "interrupted", state.why = "the same command continues";
  else if (findings.out_of_time)
    state.status = "incomplete", state.why = "the search ended for lack of time; the same command continues it";
  int tried = 0, failed = 0;
  bool percent = true;
  for (const Standing& s : findings.standings) {
    tried += s.round >= 0, failed += s.failure() != nullptr;
    if (s.trained()) percent = percent && s.score.least >= 0 && s.score.most <= 1;
  }
  std::string out = report::detail::page_head(
      title,
      grouped(programs.total) + " points, " + grouped(long(programs.candidates.size())) +
          " candidates within the budgets, " + grouped(tried) + " tried, " + grouped(failed) + " failed",
      state, ".verdict{font-size:17px;background:var(--panel);border-radius:8px;padding:12px 16px}");
  if (!findings.winner.empty())
    out += "<p class=\"verdict\">The winner is <b>" + escaped(findings.winner[0].candidate) + "</b>. " +
           escaped(verdict(findings.winner, findings.reference, programs.score_name)) + "</p>\n";
  if (!findings.standings.empty() && findings.standings[0].trained()) {
    const Standing& best = findings.standings[0];
    out +=
        report::detail::tiles({{core::fixed(best.score.mean, 4), programs.score_name + " on the validation set, best"},
                               {grouped(best.program->macs), "its MACs per image"},
                               {grouped(best.program->parameters), "its parameters"},
                               {core::fixed(1e6 * best.latency, 1) + " us", "its latency, one image"},
                               {grouped(best.example()->arena_bytes), "its bytes for inference"}});
  }
  out +=
      "<h2>Score and cost</h2><p class=\"soft\">Scores are on the validation set, by which the winner (green) is chosen. The line "
      "is the Pareto front: no other candidate is both cheaper and better. Pale: candidates that left the search in an earlier "
      "round. Hollow, at the lower edge: far below. The reference, if any, is violet.</p>\n<div class=\"pair\">";
  for (const detail::Cost& cost : detail::costs) out += detail::scatter_of(cost, findings, programs, percent);
  out +=
      "</div>\n<h2>Candidates</h2>\n<div class=\"wide\"><table><tr><th>candidate</th><th></th><th class=\"n\">" +
      escaped(programs.score_name) +
      "</th><th class=\"n\">±</th><th class=\"n\">epochs</th><th class=\"n\">MACs</th><th class=\"n\">parameters</th><th "
      "class=\"n\">us per image</th><th class=\"n\">inference bytes</th><th class=\"n\">code bytes</th><th "
      "class=\"n\">seconds</th><th>by MACs</th></tr>\n";
  const Standing reference = detail::reference_standing(findings, programs);
  if (reference.program && reference.trained()) out += detail::table_row(reference, false, "");
  const std::vector<bool> front = detail::front_of(findings.standings);
  for (std::size_t i = 0; i < findings.standings.size(); i++)
    out += detail::table_row(findings.standings[i], front[i], i == 0 && findings.standings[0].trained() ? "★ " : "");
  out += "</table></div>\n<h2>Settings</h2>\n" + report::detail::named_rows(settings);
  return out + "</main></body></html>\n";
}

}  // namespace strata::experiment
