// SPDX-License-Identifier: MIT
#include <strata/benchmark/verdict_table.hpp>

#include <doctest/doctest.h>

#include "../support/count.hpp"

using namespace strata;
using namespace strata::benchmarks;
using namespace strata::testing;

namespace {

Case steady(const std::string& name, double seconds) {
  Case out{.name = name};
  for (int i = 0; i < 10; i++) out.seconds.push_back(seconds * (1 + 1e-4 * i));
  return out;
}

Verdict made() {
  const Samples before{.file = "x",
                       .cases = {steady("a", 1e-3), steady("b", 2e-6), steady("c|d", 1), steady("e", 5e-9),
                                 steady("machine/fma", 1e-3), steady("machine/memory", 1e-3), steady("gone", 1)},
                       .context = {{"host_name", "here"}}};
  const Samples after{.file = "y",
                      .cases = {steady("a", 1e-3), steady("b", 4e-6), steady("c|d", 0.5), Case{"e", {}, "it broke"},
                                steady("machine/fma", 1e-3), steady("machine/memory", 1.04e-3), steady("new\x1b", 1)},
                      .context = {{"host_name", "there"}}};
  return compare({before}, {after});
}

}  // namespace

TEST_CASE("text begins with the summary, then what changed, and names cases of one side") {
  const std::string text = text_of(made());
  CHECK(text.starts_with("1 regression, 1 case fails, 1 improvement in 4 cases.\n"));
  CHECK(text.find(" 2.001 us ") != text.npos);
  CHECK(text.find("+100.0 %") != text.npos);
  CHECK(text.find(" slower\n") < text.find("failed: it broke"));
  CHECK(text.find("failed: it broke") < text.find(" faster\n"));
  CHECK(text.find("The machine itself") != text.npos);
  CHECK(
      text.find("The machine was slower after the change (+4.0 %).\nSo a case counts as slower only beyond +7.1 %.") !=
      text.npos);
  CHECK(text.find("unsteady") == text.npos);
  CHECK(text.find("Only before the change: gone.") != text.npos);
  CHECK(text.find("Only after the change: new\\x1b.") != text.npos);
  CHECK(text.find("host_name was here before and is there after") != text.npos);
  CHECK(text.find("exact for 2 cases, else by the normal distribution") != text.npos);  // "a" has ties
  CHECK(text.find("adjusted for 3 cases by Holm's procedure") != text.npos);
  CHECK(text.find('\x1b') == text.npos);
}

TEST_CASE("Markdown folds what did not change and escapes names") {
  const std::string text = markdown_of(made());
  CHECK(text.starts_with("## 1 regression, 1 case fails, 1 improvement in 4 cases.\n"));
  CHECK(text.find("c\\|d") != text.npos);
  CHECK(text.find("<details><summary>1 case without a change</summary>") != text.npos);
  CHECK(count(text, "<details>") == 1);
  CHECK(count(text, "</details>") == 1);
  CHECK(text.find("| a |") > text.find("<details>"));
  CHECK(text.find("| b |") < text.find("<details>"));
  CHECK(text.find("- Only before the change: gone.") != text.npos);
}

TEST_CASE("a verdict without a change is short, and says where controls are missing") {
  const Samples one{.file = "x", .cases = {steady("a", 1)}};
  const Verdict v = compare({one}, {one});
  CHECK(summary_of(v) == "No regression in 1 case.");
  CHECK(exit_status(v) == 0);
  CHECK(text_of(v).find("No control case (machine/fma, machine/memory)") != std::string::npos);
  CHECK(markdown_of(v).find("Cases that differ") == std::string::npos);
  CHECK(exit_status(made()) == 1);
}

TEST_CASE("without a verdict, the text says why and what to do") {
  const Samples before{.file = "x", .cases = {steady("a", 1), steady("machine/fma", 1)}};
  const Samples after{.file = "y", .cases = {steady("a", 2), steady("machine/fma", 1.5)}};
  const Verdict v = compare({before}, {after});
  CHECK(summary_of(v) == "No verdict on 1 case, since the machine was not steady.");
  CHECK(text_of(v).find("(+50.0 %).\nSo there is no verdict. Measure while nothing else runs") != std::string::npos);
  CHECK(exit_status(v) == 0);
}

TEST_CASE("times have the unit that suits them, changes a sign") {
  CHECK(benchmarks::detail::time_text(0) == "0.000 ns");
  CHECK(benchmarks::detail::time_text(12.3456e-9) == "12.35 ns");
  CHECK(benchmarks::detail::time_text(1.5e-6) == "1.500 us");
  CHECK(benchmarks::detail::time_text(0.25) == "250.0 ms");
  CHECK(benchmarks::detail::time_text(90) == "90.00 s");
  CHECK(benchmarks::detail::change_text(1.0421) == "+4.2 %");
  CHECK(benchmarks::detail::change_text(0.9) == "-10.0 %");
  CHECK(benchmarks::detail::change_text(0.99996) == "0.0 %");
  CHECK(benchmarks::detail::p_text(1e-7) == "< 0.0001");
  CHECK(benchmarks::detail::p_text(0.0042) == "0.0042");
  CHECK(benchmarks::detail::p_text(0.5) == "0.50");
}
