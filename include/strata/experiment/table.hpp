// SPDX-License-Identifier: MIT
// The results of an experiment as text, CSV and JSON. Needs strata::safetensors (nlohmann-json).
#pragma once

#include <strata/experiment/result_json.hpp>
#include <strata/experiment/runner.hpp>
#include <strata/experiment/verdict.hpp>
#include <strata/graph/summary.hpp>
#include <strata/report/machine.hpp>
#include <strata/report/table.hpp>

#include <string>
#include <utility>
#include <vector>

namespace strata::experiment {

namespace detail {

/// The values of "width=8 block=Plain" by axis.
inline std::vector<std::pair<std::string, std::string>> axes_of(const std::string& name) {
  std::vector<std::pair<std::string, std::string>> out;
  for (std::size_t begin = 0; begin < name.size();) {
    const std::size_t end = std::min(name.find(' ', begin), name.size()), equals = name.find('=', begin);
    if (equals < end) out.emplace_back(name.substr(begin, equals - begin), name.substr(equals + 1, end - equals - 1));
    begin = end + 1;
  }
  return out;
}

inline std::string outcome_of(const Standing& s) {
  if (const Result* failed = s.failure()) return outcome_names[int(failed->outcome)];
  return s.trained() ? "trained" : "not tried";
}

/// Whether each standing is on the front of score against MACs.
inline std::vector<bool> front_of(const std::vector<Standing>& standings) {
  std::vector<std::pair<double, double>> points;
  std::vector<std::size_t> which;
  for (std::size_t i = 0; i < standings.size(); i++)
    if (standings[i].trained())
      points.emplace_back(double(standings[i].program->macs), standings[i].score.mean), which.push_back(i);
  const std::vector<bool> on = pareto_front(points);
  std::vector<bool> out(standings.size());
  for (std::size_t k = 0; k < which.size(); k++) out[which[k]] = on[k];
  return out;
}

inline Json json_of(const Spread& s) {
  return {{"mean", s.mean}, {"deviation", s.deviation}, {"least", s.least}, {"most", s.most}, {"count", s.count}};
}
inline Json json_of(const std::vector<Result>& results) {
  Json out = Json::array();
  for (const Result& r : results) out.push_back(to_json(r));
  return out;
}

}  // namespace detail

/// One line per candidate, the best first, with a column per axis. Values that were not measured are empty.
inline std::string results_csv(const Findings& findings) {
  const auto field = [](const std::string& text) { return report::detail::csv_field(text, false); };
  std::string out = "candidate";
  if (!findings.standings.empty())
    for (const auto& [axis, value] : detail::axes_of(findings.standings[0].program->name)) out += "," + field(axis);
  out +=
      ",outcome,round,epochs,seeds,score,score_deviation,score_least,score_most,parameters,macs,latency_seconds,"
      "arena_bytes,training_bytes,peak_bytes,code_bytes,training_seconds,pareto,why\n";
  const std::vector<bool> front = detail::front_of(findings.standings);
  for (std::size_t i = 0; i < findings.standings.size(); i++) {
    const Standing& s = findings.standings[i];
    out += field(s.program->name);
    for (const auto& [axis, value] : detail::axes_of(s.program->name)) out += "," + field(value);
    const Result *r = s.example(), *failed = s.failure();
    const auto cell = [&](bool has, const auto& value) { out += has ? core::sentence(",", value) : ","; };
    out += "," + detail::outcome_of(s);
    cell(s.round >= 0, s.round + 1), cell(r, r ? r->trained_epochs : 0), cell(r, s.score.count);
    cell(r, core::shortest(s.score.mean)), cell(r, core::shortest(s.score.deviation));
    cell(r, core::shortest(s.score.least)), cell(r, core::shortest(s.score.most));
    cell(true, s.program->parameters), cell(true, s.program->macs), cell(r, core::shortest(s.latency));
    cell(r, r ? r->arena_bytes : 0), cell(r, r ? r->training_bytes : 0), cell(r, r ? r->peak_bytes : 0);
    cell(r, r ? r->code_bytes : 0), cell(r, core::fixed(r ? r->seconds : 0, 3));
    out += front[i] ? ",yes," : ",no,";
    out += field(failed ? failed->why : "") + "\n";
  }
  return out;
}

/// Everything: the candidates with their trainings, the final stage, the machine. Schema strata.experiment.results/1.
inline std::string results_json(const Findings& findings, const Programs& programs) {
  using detail::Json;
  const report::Machine machine = report::this_machine();
  Json out{{"schema", "strata.experiment.results/1"},
           {"score", programs.score_name},
           {"points", programs.total},
           {"within_budgets", programs.candidates.size()},
           {"interrupted", findings.interrupted},
           {"out_of_time", findings.out_of_time}};
  const std::vector<bool> front = detail::front_of(findings.standings);
  out["candidates"] = Json::array();
  for (std::size_t i = 0; i < findings.standings.size(); i++) {
    const Standing& s = findings.standings[i];
    Json row{{"name", s.program->name}, {"axes", Json::object()}, {"outcome", detail::outcome_of(s)}};
    for (const auto& [axis, value] : detail::axes_of(s.program->name)) row["axes"][axis] = value;
    row["parameters"] = s.program->parameters, row["macs"] = s.program->macs;
    row["round"] = s.round + 1;
    if (s.trained()) row["score"] = detail::json_of(s.score), row["latency_seconds"] = s.latency;
    row["pareto"] = bool(front[i]);
    row["trainings"] = detail::json_of(s.results);
    out["candidates"].push_back(std::move(row));
  }
  if (!findings.winner.empty()) {
    const auto stage = [](const std::vector<Result>& results) {
      const FinalScores scores = final_scores(results);
      return Json{{"name", results[0].candidate},
                  {"set", scores.on_test ? "test" : "validation"},
                  {"score", detail::json_of(scores.score)},
                  {"trainings", detail::json_of(results)}};
    };
    out["final"] = {{"verdict", verdict(findings.winner, findings.reference, programs.score_name)},
                    {"winner", stage(findings.winner)}};
    if (!findings.reference.empty()) out["final"]["reference"] = stage(findings.reference);
  }
  out["machine"] = {{"name", machine.name},           {"cpu", machine.cpu},           {"cores", machine.cores},
                    {"ram_bytes", machine.ram_bytes}, {"compiler", machine.compiler}, {"flags", machine.flags}};
  return out.dump(1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

/// The best candidates, what failed, and the verdict, for a terminal.
inline std::string results_text(const Findings& findings, const Programs& programs, int most = 12) {
  using core::fixed;
  std::string out = core::sentence("\n", core::padded(programs.score_name, 10),
                                   "       ±        MACs  parameters  latency  candidate\n");
  int shown = 0, failed = 0, untried = 0;
  for (const Standing& s : findings.standings) {
    failed += s.failure() != nullptr;
    untried += s.round < 0;
    if (!s.trained() || shown++ >= most) continue;
    out += core::padded(fixed(s.score.mean, 4), 10) + "  " +
           (s.score.count > 1 ? fixed(s.score.deviation, 4) : "      ") +
           core::padded(graph::detail::grouped(s.program->macs), 12) +
           core::padded(graph::detail::grouped(s.program->parameters), 12) +
           core::padded(fixed(1e6 * s.latency, 1), 6) + " us  " + core::printable(s.program->name) + "\n";
  }
  for (const Standing& s : findings.standings)
    if (const Result* r = s.failure())
      out +=
          core::printable(core::sentence(s.program->name, ": ", outcome_names[int(r->outcome)], ": ", r->why)) + "\n";
  out += core::sentence("\n", int(findings.standings.size()), " candidates: ", untried, " not tried, ", failed,
                        " failed; ", findings.trainings, " trainings now, ", findings.repeated, " from the journal\n");
  if (findings.interrupted) out += "interrupted: the same command continues\n";
  if (findings.out_of_time) out += "the search ended for lack of time: the same command continues it\n";
  if (!findings.winner.empty())
    out += core::printable("The winner is " + findings.winner[0].candidate + ". ") +
           verdict(findings.winner, findings.reference, programs.score_name) + "\n";
  return out;
}

}  // namespace strata::experiment
