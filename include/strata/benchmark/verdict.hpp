// SPDX-License-Identifier: MIT
// Whether a program became slower, from the samples of its benchmark cases before and after a change. Needs
// strata::safetensors (nlohmann-json).
//
// A case is slower if three things hold. Its median grew by more than 3 %. The samples differ by the Mann-Whitney test
// with p < 0.01 for all cases together: p is adjusted by Holm's procedure (1979), since of hundreds of cases some have
// a p below 0.01 by chance. And the machine does not explain it, as the control cases ("machine/fma", "machine/memory")
// show it: if one of them is slower with p < 0.01, the median has to exceed its change by these 3 %, or by the distance
// of its quartiles if that is more. Where control cases change or vary by more than 10 %, other programs ran or the
// machine is another one: then there is no verdict.
//
// Memory that happens to lie elsewhere can make a whole run of a program slower or faster. Several runs on each side,
// taken in turns, show that: then every run after the change must also be slower than every run before it.
#pragma once

#include <algorithm>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include <strata/benchmark/control.hpp>
#include <strata/benchmark/mann_whitney.hpp>
#include <strata/benchmark/samples.hpp>
#include <strata/benchmark/spread.hpp>

namespace strata::benchmarks {

/// What counts as a difference.
struct VerdictRules {
  double p = 0.01;       ///< probability of a false alarm in a comparison, from 0 to 1
  double change = 0.03;  ///< of the median, as a fraction, from 0 to 1
  double machine = 0.1;  ///< of control cases, as a fraction, beyond which there is no verdict; > 0
  int samples = 10;      ///< number of samples that a case needs at least on each side
};

/// What became of a case.
enum class Outcome {
  same,     ///< no difference beyond the rules
  unclear,  ///< the medians differ, but chance or the machine can explain it
  faster,   ///< an improvement
  slower,   ///< a regression
  failed    ///< it ran before, and fails now
};

/// A case in both results.
struct Change {
  std::string name;     ///< of the case
  Spread before{};      ///< in seconds
  Spread after{};       ///< in seconds
  double p = 1;         ///< probability, of this case alone, from 0 to 1
  double adjusted = 1;  ///< probability for all cases together, from 0 to 1; p itself for a control case
  bool exact = false;   ///< whether p is exact
  Outcome outcome{};    ///< of a control case: slower or faster if p < 0.01, however little
  std::string why{};    ///< of a case that failed: its message

  /// The median after the change as a multiple of that before.
  double ratio() const { return before.median > 0 ? after.median / before.median : 1; }
};

/// The result of a comparison.
struct Verdict {
  std::vector<Change> cases{};             ///< in the order of the results before the change
  std::vector<Change> controls{};          ///< what control cases tell of the machine
  std::vector<std::string> only_before{};  ///< cases that are missing, or have no samples, after the change
  std::vector<std::string> only_after{};   ///< cases that are missing, failed or have no samples before the change
  std::vector<std::string> differences{};  ///< of the machines and programs, as the files describe them
  double slower = 1;                       ///< factor by which the machine got slower; at least 1
  double faster = 1;                       ///< factor by which its times got shorter; at most 1
  double unsteady = 0;   ///< distance of the quartiles of the least steady control case, as a fraction
  VerdictRules rules{};  ///< that were applied

  /// The change of a median that the machine does not explain, as a fraction of it.
  double margin() const { return std::max(rules.change, unsteady); }
  /// Whether the machine was steady enough for a verdict: its control cases neither changed nor varied by more than
  /// rules.machine.
  bool decided() const {
    return slower <= 1 + rules.machine && faster >= 1 - rules.machine && unsteady <= rules.machine;
  }
  /// Number of cases of an outcome.
  int count(Outcome outcome) const {
    return int(std::count_if(cases.begin(), cases.end(), [&](const Change& c) { return c.outcome == outcome; }));
  }
  /// Whether nothing is slower and nothing fails.
  bool passes() const { return count(Outcome::slower) == 0 && count(Outcome::failed) == 0; }
};

namespace detail {

/// A case of one side, over all runs.
struct Pooled {
  std::string name, error{};
  std::vector<double> seconds{}, medians{};  ///< medians: one for each run
};

/// The cases of one side, each name once.
struct Pool {
  std::vector<Pooled> cases{};
  std::unordered_map<std::string, std::size_t> places{};

  explicit Pool(const std::vector<Samples>& runs) {
    for (const Samples& run : runs)
      for (const Case& one : run.cases) {
        const auto [at, is_new] = places.emplace(one.name, cases.size());
        if (is_new) cases.push_back({.name = one.name});
        Pooled& pooled = cases[at->second];
        if (pooled.error.empty()) pooled.error = one.error;
        if (one.seconds.empty()) continue;
        pooled.seconds.insert(pooled.seconds.end(), one.seconds.begin(), one.seconds.end());
        pooled.medians.push_back(spread_of(one.seconds).median);
      }
  }
  const Pooled* find(const std::string& name) const {
    const auto at = places.find(name);
    return at == places.end() ? nullptr : &cases[at->second];
  }
};

inline bool has_times(const Pooled* one) { return one && one->error.empty() && !one->seconds.empty(); }

inline bool is_control(const std::string& name) { return name.starts_with(control_prefix); }

/// "before.json", or "before1.json and 2 other files".
inline std::string files_of(const std::vector<Samples>& runs) {
  if (runs.empty()) return "no file";
  const std::string first = core::printable(runs[0].file);
  return runs.size() == 1   ? first
         : runs.size() == 2 ? first + " and another file"
                            : first + " and " + core::decimal(runs.size() - 1) + " other files";
}

/// Throws Error if a case has too few samples.
inline void require_samples(const std::vector<Samples>& runs, const Pooled& one, const VerdictRules& rules) {
  const int count = int(one.seconds.size());
  if (count < rules.samples)
    throw Error(files_of(runs), ": ", core::printable(one.name), " has ", count, count == 1 ? " sample" : " samples",
                ", but a verdict needs at least ", rules.samples,
                "; run the program with --benchmark_repetitions=", rules.samples,
                " --benchmark_enable_random_interleaving=true, and without "
                "--benchmark_report_aggregates_only");
}

/// Throws Error if no outcome could be significant among so many cases.
inline void require_power(const Verdict& v) {
  double least = 0, judged = 0;
  for (const Change& c : v.cases)
    if (c.outcome != Outcome::failed) judged++, least = std::max(least, least_p(c.before.count, c.after.count));
  if (least * judged < v.rules.p) return;
  int needed = v.rules.samples;
  while (least_p(needed, needed) * judged >= v.rules.p) needed++;
  throw Error("a verdict on ", long(judged), " cases together needs at least ", needed,
              " samples of each; run the program with --benchmark_repetitions=", needed,
              " or compare fewer cases (--benchmark_filter)");
}

/// Holm's adjustment: the smallest of n values counts n times, the next one n - 1 times, and so on.
inline void adjust(std::vector<Change>& cases) {
  std::vector<Change*> order;
  for (Change& c : cases)
    if (c.outcome != Outcome::failed) order.push_back(&c);
  std::stable_sort(order.begin(), order.end(), [](const Change* a, const Change* b) { return a->p < b->p; });
  double reached = 0;
  for (std::size_t i = 0; i < order.size(); i++)
    order[i]->adjusted = reached = std::max(reached, std::min(1., double(order.size() - i) * order[i]->p));
}

/// Whether all runs of one side lie on one side of all runs of the other.
inline bool runs_agree(const Pooled& before, const Pooled& after, bool slower) {
  const auto [least_before, most_before] = std::minmax_element(before.medians.begin(), before.medians.end());
  const auto [least_after, most_after] = std::minmax_element(after.medians.begin(), after.medians.end());
  return slower ? *least_after > *most_before : *most_after < *least_before;
}

/// What a file says of its machine, without what differs between any two runs.
inline std::vector<std::pair<std::string, std::string>> lasting(const Samples& run) {
  std::vector<std::pair<std::string, std::string>> out;
  for (const auto& [key, value] : run.context)
    if (key != "date" && key != "executable" && key != "load_avg" && key != "mhz_per_cpu") out.emplace_back(key, value);
  return out;
}

inline std::vector<std::string> differences(const Samples& before, const Samples& after) {
  std::vector<std::string> out;
  const auto values = lasting(after);
  for (const auto& [key, value] : lasting(before))
    for (const auto& [other_key, other] : values)
      if (key == other_key && value != other)
        out.push_back(key + " was " + value + " before and is " + other + " after");
  return out;
}

inline Change change_of(const Pooled& before, const Pooled& after) {
  const MannWhitney test = mann_whitney(before.seconds, after.seconds);
  return {.name = before.name,
          .before = spread_of(before.seconds),
          .after = spread_of(after.seconds),
          .p = test.p,
          .adjusted = test.p,
          .exact = test.exact};
}

inline Outcome judge(const Verdict& v, const Change& c, const Pooled& before, const Pooled& after) {
  const double ratio = c.ratio();
  if (ratio <= 1 + v.rules.change && ratio >= 1 - v.rules.change) return Outcome::same;
  if (!v.decided() || c.adjusted >= v.rules.p || !runs_agree(before, after, ratio > 1)) return Outcome::unclear;
  if (ratio > v.slower * (1 + v.margin())) return Outcome::slower;
  if (ratio < v.faster * (1 - v.margin())) return Outcome::faster;
  return Outcome::unclear;
}

}  // namespace detail

/// Compares the runs of a program before a change with those after it. Throws Error if they have no case in common, or
/// one with too few samples.
inline Verdict compare(const std::vector<Samples>& before, const std::vector<Samples>& after,
                       const VerdictRules& rules = {}) {
  Verdict out{.rules = rules};
  const detail::Pool old(before), now(after);
  for (const detail::Pooled& b : old.cases) {
    const detail::Pooled* const a = now.find(b.name);
    if (!detail::has_times(&b)) continue;
    if (a && !a->error.empty()) {
      if (!detail::is_control(b.name))
        out.cases.push_back(
            {.name = b.name, .before = spread_of(b.seconds), .outcome = Outcome::failed, .why = a->error});
      continue;
    }
    if (!detail::has_times(a)) {
      out.only_before.push_back(b.name);
      continue;
    }
    detail::require_samples(before, b, rules), detail::require_samples(after, *a, rules);
    (detail::is_control(b.name) ? out.controls : out.cases).push_back(detail::change_of(b, *a));
  }
  for (const detail::Pooled& a : now.cases)
    if (detail::has_times(&a) && !detail::has_times(old.find(a.name))) out.only_after.push_back(a.name);
  if (out.cases.empty())
    throw Error(detail::files_of(before), " and ", detail::files_of(after),
                ": have times of no common case; give two results of the same benchmarks, written without "
                "--benchmark_report_aggregates_only");
  detail::require_power(out);
  detail::adjust(out.cases);
  for (Change& c : out.controls) {
    out.unsteady = std::max({out.unsteady, c.before.relative(), c.after.relative()});
    if (c.p >= rules.p) continue;
    c.outcome = c.ratio() > 1 ? Outcome::slower : Outcome::faster;
    out.slower = std::max(out.slower, c.ratio()), out.faster = std::min(out.faster, c.ratio());
  }
  for (Change& c : out.cases)
    if (c.outcome != Outcome::failed) c.outcome = detail::judge(out, c, *old.find(c.name), *now.find(c.name));
  if (!before.empty() && !after.empty()) out.differences = detail::differences(before[0], after[0]);
  return out;
}

}  // namespace strata::benchmarks
