// SPDX-License-Identifier: MIT
// A verdict as text, for a terminal or a log, and as Markdown, for the comment of a continuous integration. Needs
// strata::safetensors (nlohmann-json).
#pragma once

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include <strata/benchmark/verdict.hpp>
#include <strata/core/text/number_text.hpp>
#include <strata/report/table.hpp>

namespace strata::benchmarks {

namespace detail {

/// "12.34 us"
inline std::string time_text(double seconds) {
  const double size = std::abs(seconds);
  const auto [unit, one] = size >= 1      ? std::pair{" s", 1.}
                           : size >= 1e-3 ? std::pair{" ms", 1e-3}
                           : size >= 1e-6 ? std::pair{" us", 1e-6}
                                          : std::pair{" ns", 1e-9};
  const double value = seconds / one;
  return core::fixed(value, value >= 100 ? 1 : value >= 10 ? 2 : 3) + unit;
}

/// "+4.2 %", "-0.1 %", "0.0 %"
inline std::string change_text(double ratio) {
  const std::string text = core::fixed(100 * (ratio - 1), 1);
  return (text == "-0.0" ? "0.0" : text[0] == '-' || text == "0.0" ? text : "+" + text) + " %";
}

inline std::string p_text(double p) { return p < 1e-4 ? "< 0.0001" : core::fixed(p, p < 0.01 ? 4 : 2); }

inline const char* outcome_text(Outcome outcome) {
  switch (outcome) {
    case Outcome::same: return "same";
    case Outcome::unclear: return "unclear";
    case Outcome::faster: return "faster";
    case Outcome::slower: return "slower";
    case Outcome::failed: break;
  }
  return "failed";
}

inline report::Table changes_table(const std::string& title, const std::vector<Change>& changes) {
  report::Table out{.title = title};
  out.columns = {{"case", "case", false},
                 {"before", "before_seconds"},
                 {"spread", "before_spread"},
                 {"after", "after_seconds"},
                 {"spread", "after_spread"},
                 {"change", "change"},
                 {"p", "p"},
                 {"verdict", "verdict", false}};
  for (const Change& c : changes) {
    std::vector<report::Cell> row{
        c.name,
        {time_text(c.before.median), core::shortest(c.before.median)},
        {core::fixed(100 * c.before.relative(), 1) + " %", core::shortest(c.before.relative())}};
    if (c.outcome == Outcome::failed) row.insert(row.end(), {"-", "-", "-", "-", "failed: " + c.why});
    else
      row.insert(row.end(), {{time_text(c.after.median), core::shortest(c.after.median)},
                             {core::fixed(100 * c.after.relative(), 1) + " %", core::shortest(c.after.relative())},
                             {change_text(c.ratio()), core::shortest(c.ratio() - 1)},
                             {p_text(c.adjusted), core::shortest(c.adjusted)},
                             outcome_text(c.outcome)});
    out.rows.push_back(std::move(row));
  }
  return out;
}

/// The changes of some outcomes: regressions with the largest first, all else in the order of the files.
inline std::vector<Change> changes_of(const Verdict& v, std::initializer_list<Outcome> outcomes) {
  std::vector<Change> out;
  for (const Outcome outcome : outcomes) {
    const std::size_t first = out.size();
    for (const Change& c : v.cases)
      if (c.outcome == outcome) out.push_back(c);
    if (outcome == Outcome::slower)
      std::stable_sort(out.begin() + long(first), out.end(),
                       [](const Change& a, const Change& b) { return a.ratio() > b.ratio(); });
  }
  return out;
}

/// "1 regression", "2 regressions"
inline std::string counted(int count, const char* one, const char* many) {
  return core::decimal(count) + " " + (count == 1 ? one : many);
}

/// Sentences on the machine and on cases of one side, one a line.
inline std::string remarks(const Verdict& v, bool markdown) {
  std::string out;
  const auto line = [&](const std::string& text) {
    out += (markdown ? "- " + report::detail::markdown_cell(text) : core::printable(text)) + "\n";
  };
  const auto list = [](const std::vector<std::string>& names) {
    std::string text;
    for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
    return text;
  };
  for (const std::string& difference : v.differences) line("The files differ: " + difference + ".");
  if (v.slower > 1) line("The machine was slower after the change (" + change_text(v.slower) + ").");
  if (v.faster < 1)
    line("The machine was faster after the change (" + change_text(v.faster) + "): what became slower may not show.");
  if (v.margin() > v.rules.change)
    line("The machine was unsteady: the quartiles of a control case are " + core::fixed(100 * v.unsteady, 1) +
         " % apart.");
  if (!v.decided())
    line("So there is no verdict. Measure while nothing else runs, both programs on one machine, in turns.");
  else if (v.slower > 1 || v.margin() > v.rules.change)
    line("So a case counts as slower only beyond " + change_text(v.slower * (1 + v.margin())) +
         ". For a sharper verdict, measure while nothing else runs, both programs in turns.");
  if (v.controls.empty())
    line(
        "No control case (machine/fma, machine/memory) is in both results: a slower machine counts as a slower program.");
  if (!v.only_before.empty()) line("Only before the change: " + list(v.only_before) + ".");
  if (!v.only_after.empty()) line("Only after the change: " + list(v.only_after) + ".");
  return out;
}

/// How the table was computed, in sentences.
inline std::string method(const Verdict& v) {
  int exact = 0, judged = 0;
  double least = 0;
  for (const Change& c : v.cases) {
    if (c.outcome == Outcome::failed) continue;
    judged++, exact += c.exact;
    least = std::max(least, least_p(c.before.count, c.after.count));
  }
  std::string out = "Medians; spread: distance of the quartiles. p: two-sided Mann-Whitney test, " +
                    (exact == judged ? std::string("exact")
                     : exact == 0 ? std::string("by the normal distribution with corrections for ties and continuity")
                                  : "exact for " + core::decimal(exact) +
                                        " cases, else by the normal distribution "
                                        "with corrections for ties and continuity") +
                    ", adjusted for " + counted(judged, "case", "cases") + " by Holm's procedure. Slower: p < " +
                    core::general(v.rules.p) + ", and a median more than " + core::general(100 * v.rules.change) +
                    " % longer.";
  if (20 * least * judged >= v.rules.p)
    out +=
        " With so few samples for so many cases, only a clean separation shows: --benchmark_repetitions=20 sees more.";
  return out;
}

}  // namespace detail

/// The verdict in one sentence.
inline std::string summary_of(const Verdict& v) {
  const int slower = v.count(Outcome::slower), failed = v.count(Outcome::failed), faster = v.count(Outcome::faster);
  const std::string cases = detail::counted(int(v.cases.size()), "case", "cases");
  const std::string fails = failed ? ", " + detail::counted(failed, "case fails", "cases fail") : std::string();
  if (!v.decided()) return "No verdict on " + cases + ", since the machine was not steady" + fails + ".";
  return (slower ? detail::counted(slower, "regression", "regressions") : std::string("No regression")) + fails +
         (faster ? ", " + detail::counted(faster, "improvement", "improvements") : std::string()) + " in " + cases +
         ".";
}

/// The verdict as text: what changed first, then the other cases, the control cases, remarks and the method.
inline std::string text_of(const Verdict& v) {
  const auto all =
      detail::changes_of(v, {Outcome::slower, Outcome::failed, Outcome::faster, Outcome::unclear, Outcome::same});
  std::string out = report::text_of(detail::changes_table(summary_of(v), all));
  if (!v.controls.empty()) out += "\n" + report::text_of(detail::changes_table("The machine itself", v.controls));
  const std::string remarks = detail::remarks(v, false);
  if (!remarks.empty()) out += "\n" + remarks;
  return out + "\n" + detail::method(v) + "\n";
}

/// The verdict as Markdown: what did not change can be unfolded.
inline std::string markdown_of(const Verdict& v) {
  const auto changed = detail::changes_of(v, {Outcome::slower, Outcome::failed, Outcome::faster, Outcome::unclear});
  const auto same = detail::changes_of(v, {Outcome::same});
  std::string out = "## " + summary_of(v) + "\n\n";
  if (!changed.empty()) out += report::markdown_of(detail::changes_table("Cases that differ", changed)) + "\n";
  const std::string remarks = detail::remarks(v, true);
  if (!remarks.empty()) out += remarks + "\n";
  out += "<details><summary>" + detail::counted(int(same.size()), "case", "cases") + " without a change</summary>\n\n";
  if (!same.empty()) out += report::markdown_of(detail::changes_table("Without a change", same)) + "\n";
  if (!v.controls.empty()) out += report::markdown_of(detail::changes_table("The machine itself", v.controls)) + "\n";
  return out + report::detail::markdown_cell(detail::method(v)) + "\n\n</details>\n";
}

/// The exit status of a program that compares: 0 if nothing is slower and nothing fails, or there is no verdict;
/// else 1.
inline int exit_status(const Verdict& v) { return v.passes() ? 0 : 1; }

}  // namespace strata::benchmarks
