// SPDX-License-Identifier: MIT
#include <strata/benchmark/verdict.hpp>

#include <doctest/doctest.h>

#include <strata/core/random.hpp>

#include "../support/outcome.hpp"
#include "../support/refusal.hpp"

using namespace strata;
using namespace strata::core;
using namespace strata::benchmarks;
using namespace strata::testing;

namespace {

/// `count` samples around a time, up to 1 % apart, different for each seed.
Case around(const std::string& name, double seconds, int count = 10, std::uint64_t seed = 1, double noise = 0.01) {
  Case out{.name = name};
  Random random{seed, 0};
  for (int i = 0; i < count; i++) out.seconds.push_back(seconds * (1 + noise * (random.uniform() - 0.5)));
  return out;
}

Samples run(std::vector<Case> cases, const char* file = "f.json") { return {.file = file, .cases = std::move(cases)}; }

}  // namespace

TEST_CASE("a spread has the median and the quartiles, interpolated") {
  const Spread s = spread_of({4, 1, 3, 2});
  CHECK(s.median == 2.5);
  CHECK(s.low == 1.75);
  CHECK(s.high == 3.25);
  CHECK(s.count == 4);
  CHECK(s.relative() == doctest::Approx(0.6));
  CHECK(spread_of({7}).median == 7);
  CHECK(spread_of({}).count == 0);
  CHECK(spread_of({}).relative() == 0);
}

TEST_CASE("a case is slower or faster beyond 3 % of its median, and certain") {
  const Verdict v = compare({run({around("same", 1), around("slower", 1), around("faster", 1), around("less", 1)})},
                            {run({around("same", 1, 10, 2), around("slower", 1.05, 10, 2),
                                  around("faster", 0.95, 10, 2), around("less", 1.025, 10, 2)})});
  CHECK(outcome_of(v, "same") == Outcome::same);
  CHECK(outcome_of(v, "slower") == Outcome::slower);
  CHECK(outcome_of(v, "faster") == Outcome::faster);
  CHECK(outcome_of(v, "less") == Outcome::same);
  CHECK(!v.passes());
  CHECK(v.count(Outcome::slower) == 1);
  CHECK(v.cases[1].ratio() == doctest::Approx(1.05).epsilon(0.01));
  CHECK(v.cases[1].exact);
  CHECK(v.cases[1].adjusted == doctest::Approx(4 * least_p(10, 10)));  // the smallest of four
}

TEST_CASE("an improvement alone passes") {
  CHECK(compare({run({around("a", 1)})}, {run({around("a", 0.5)})}).passes());
}

TEST_CASE("medians that differ by chance are no difference") {
  Case before = around("a", 1, 10, 3, 1.), after = around("a", 1.1, 10, 4, 1.);
  const Verdict v = compare({run({before})}, {run({after})});
  CHECK(std::abs(v.cases[0].ratio() - 1) > 0.03);
  CHECK(v.cases[0].p > 0.01);
  CHECK(v.cases[0].outcome == Outcome::unclear);
  CHECK(v.passes());
}

TEST_CASE("of many cases, the p of each counts as many times, as Holm's procedure has it") {
  std::vector<Change> cases;
  for (const double p : {0.03, 0.001, 0.02, 0.5}) cases.push_back({.name = "a", .p = p});
  cases.push_back({.name = "a", .p = 0, .outcome = Outcome::failed});  // no part of the family
  benchmarks::detail::adjust(cases);
  CHECK(cases[1].adjusted == doctest::Approx(0.004));
  CHECK(cases[2].adjusted == doctest::Approx(0.06));
  CHECK(cases[0].adjusted == doctest::Approx(0.06));  // at least that of the one before it
  CHECK(cases[3].adjusted == doctest::Approx(0.5));
}

TEST_CASE("five hundred cases of one program raise no alarm in twenty comparisons, and a regression shows") {
  constexpr int programs = 100, cases = 500;
  int alarms = 0, found = 0;
  std::uint64_t seed = 1;
  for (int k = 0; k < (programs + 4) / 5; k++) {
    std::vector<Case> before, after;
    for (int c = 0; c < cases; c++) {
      const std::string name = "case " + std::to_string(c);
      before.push_back(around(name, 1, 12, seed++, 0.2)), after.push_back(around(name, 1, 12, seed++, 0.2));
    }
    alarms += !compare({run(before)}, {run(after)}).passes();
    after[7] = around("case 7", 1.3, 12, seed++, 0.2);
    const Verdict v = compare({run(before)}, {run(after)});
    found += v.count(Outcome::slower) == 1 && outcome_of(v, "case 7") == Outcome::slower;
  }
  CHECK(alarms == 0);
  CHECK(found == (programs + 4) / 5);
}

TEST_CASE("a machine that became slower explains as much, and no more") {
  const auto with = [](double a, double b, double fma, double memory) {
    const auto before = run({around("a", 1), around("b", 1), around("machine/fma", 1), around("machine/memory", 1)});
    return compare({before}, {run({around("a", a, 10, 2), around("b", b, 10, 2), around("machine/fma", fma, 10, 2),
                                   around("machine/memory", memory, 10, 2)})});
  };
  const Verdict slow = with(1.09, 1.2, 1.02, 1.08);
  CHECK(slow.cases.size() == 2);
  CHECK(slow.controls.size() == 2);
  CHECK(slow.slower == doctest::Approx(1.08).epsilon(0.01));
  CHECK(slow.faster == 1);
  CHECK(slow.controls[1].outcome == Outcome::slower);
  CHECK(outcome_of(slow, "a") == Outcome::unclear);
  CHECK(outcome_of(slow, "b") == Outcome::slower);
  const Verdict fast = with(0.95, 0.85, 0.95, 1);
  CHECK(fast.faster == doctest::Approx(0.95).epsilon(0.01));
  CHECK(outcome_of(fast, "a") == Outcome::unclear);
  CHECK(outcome_of(fast, "b") == Outcome::faster);
  const Verdict steady = with(1.05, 1, 1.0005, 1);  // by chance
  CHECK(steady.slower < 1.001);
  CHECK(outcome_of(steady, "a") == Outcome::slower);
}

TEST_CASE("a machine whose control cases vary explains as much as these do, and beyond 10 % there is no verdict") {
  const auto with = [](double a, double noise) {
    return compare({run({around("a", 1), around("machine/fma", 1, 10, 1, noise)})},
                   {run({around("a", a, 10, 2), around("machine/fma", 1, 10, 2, noise)})});
  };
  const Verdict steady = with(1.05, 0.02), uneven = with(1.05, 0.2), busy = with(3, 0.4);
  CHECK(steady.margin() == 0.03);
  CHECK(steady.cases[0].outcome == Outcome::slower);
  CHECK(uneven.decided());
  CHECK(uneven.margin() == uneven.unsteady);
  CHECK(uneven.unsteady > 0.06);
  CHECK(uneven.cases[0].outcome == Outcome::unclear);
  CHECK(with(1.3, 0.2).cases[0].outcome == Outcome::slower);
  CHECK(!busy.decided());
  CHECK(busy.cases[0].outcome == Outcome::unclear);
  CHECK(busy.passes());
  CHECK(!compare({run({around("a", 1), around("machine/fma", 1)})}, {run({around("a", 9), around("machine/fma", 1.2)})})
             .decided());
}

TEST_CASE("of several runs on each side, all after the change must be slower than all before it") {
  const auto runs = [](double first, double second, std::uint64_t seed) {
    return std::vector<Samples>{run({around("a", first, 10, seed)}), run({around("a", second, 10, seed + 1)})};
  };
  CHECK(compare(runs(1, 1.1, 1), runs(1.2, 1.3, 3)).cases[0].outcome == Outcome::slower);
  CHECK(compare(runs(1, 1.25, 1), runs(1.2, 1.4, 3)).cases[0].outcome == Outcome::unclear);
  CHECK(compare(runs(1, 1.1, 1), runs(0.8, 0.9, 3)).cases[0].outcome == Outcome::faster);
  CHECK(compare(runs(1, 1, 1), runs(1.1, 1.1, 3)).cases[0].before.count == 20);
}

TEST_CASE("cases of one side are named, and one that fails now does not pass") {
  Case failing{.name = "fails", .error = "no device"}, failed_before{.name = "works now", .error = "no device"};
  Case failing_control{.name = "machine/memory", .error = "no memory"};
  const Verdict v = compare(
      {run({around("a", 1), around("gone", 1), around("fails", 1), failed_before, around("machine/memory", 1)})},
      {run({around("a", 1, 10, 2), around("new", 1), failing, around("works now", 1), failing_control})});
  CHECK(v.only_before == std::vector<std::string>{"gone"});
  CHECK(v.only_after == std::vector<std::string>{"new", "works now"});
  CHECK(outcome_of(v, "fails") == Outcome::failed);
  CHECK(v.cases[1].why == "no device");
  CHECK(outcome_of(v, "a") == Outcome::same);
  CHECK(!v.passes());
}

TEST_CASE("too few samples are refused in a sentence that names the option") {
  CHECK(refuses([] { compare({run({around("a", 1)}, "x.json")}, {run({around("a", 1, 9)}, "y.json")}); },
                "y.json: a has 9 samples, but a verdict needs at least 10", "--benchmark_repetitions=10",
                "--benchmark_enable_random_interleaving=true"));
  CHECK(refuses([] { compare({run({around("a", 1, 1)}, "x.json")}, {run({around("a", 1)}, "y.json")}); },
                "x.json: a has 1 sample,"));
  CHECK(refuses(
      [] {
        compare({run({around("a", 1, 4)}, "x.json"), run({around("a", 1, 5)}, "z.json")},
                {run({around("a", 1)}, "y.json")});
      },
      "x.json and another file: a has 9 samples"));
  CHECK(refuses([] { compare({run({})}, {run({})}); }, "have times of no common case", "report_aggregates_only"));
  CHECK(refuses([] { compare({}, {}); }, "no file and no file: have times of no common case"));
}

TEST_CASE("so many cases that none could be significant are refused, with the samples that they need") {
  std::vector<Case> many;
  for (int i = 0; i < 1000; i++) many.push_back(around(std::to_string(i), 1));
  CHECK(refuses([&] { compare({run(many)}, {run(many)}); }, "1000 cases together needs at least 11 samples",
                "--benchmark_repetitions=11"));
  many.resize(900);
  CHECK(compare({run(many)}, {run(many)}).passes());
}

TEST_CASE("what the files say of the machines is compared, without what differs in any two runs") {
  Samples before = run({around("a", 1)}), after = before;
  before.context = {{"host_name", "here"}, {"date", "yesterday"}, {"num_cpus", "2"}};
  after.context = {{"host_name", "there"}, {"date", "today"}, {"num_cpus", "2"}};
  CHECK(compare({before}, {after}).differences ==
        std::vector<std::string>{"host_name was here before and is there after"});
}
