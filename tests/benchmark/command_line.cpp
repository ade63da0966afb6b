// SPDX-License-Identifier: MIT
// Words to options, and which options go together.
#include <strata/benchmark/command_line.hpp>

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "../support/refusal.hpp"

using namespace strata;
using namespace strata::benchmarks;
using namespace strata::testing;

TEST_CASE("words set options; what begins with --benchmark_ is Google Benchmark's") {
  const Options cases = options_from({"--batch", "1,8,1024", "--threads", "2", "--roofline", "r.html", "--onednn",
                                      "--benchmark_filter=node", "--benchmark_min_time=0.1"});
  CHECK(cases.runs_cases());
  CHECK(cases.batches == std::vector<int>{1, 8, 1024});
  CHECK(cases.threads == std::vector<int>{2});
  CHECK(cases.roofline == "r.html");
  CHECK(cases.onednn);
  CHECK(cases.of_google == std::vector<std::string>{"--benchmark_filter=node", "--benchmark_min_time=0.1"});

  const Options table = options_from({"--table", "digits/training", "--csv", "t.csv", "--rounds", "7", "--markdown"});
  CHECK(!table.runs_cases());
  CHECK(table.table == "digits/training");
  CHECK(table.csv == "t.csv");
  CHECK(table.rounds == 7);
  CHECK(table.markdown);

  const Options compare = options_from({"--compare", "a.json,b.json", "c.json"});
  CHECK(compare.before == std::vector<std::string>{"a.json", "b.json"});
  CHECK(compare.after == std::vector<std::string>{"c.json"});
  const Options against = options_from(
      {"--against", "old/bench", "--batch", "1,8", "--threads", "2", "--rounds", "5", "--benchmark_filter=whole"});
  CHECK(!against.runs_cases());
  CHECK(against.against == "old/bench");
  CHECK(against.rounds == 5);
  CHECK(words_for_both(against) ==
        std::vector<std::string>{"--batch", "1,8", "--threads", "2", "--benchmark_filter=whole"});
  CHECK(options_from({}).runs_cases());
  CHECK(options_from({"-h"}).help);
}

TEST_CASE("where results go to a file, the control cases run too") {
  const auto words = [](std::vector<std::string> given) { return words_for_google(options_from(given)); };
  using Words = std::vector<std::string>;
  CHECK(words({"--benchmark_filter=whole"}) == Words{"--benchmark_filter=whole"});
  CHECK(words({"--benchmark_filter=a|b", "--benchmark_out=x.json"}) ==
        Words{"--benchmark_filter=(a|b)|^machine/", "--benchmark_out=x.json"});
  for (const char* filter : {"", "all", "-node"}) {
    const Words given{"--benchmark_out=x.json", std::string("--benchmark_filter=") + filter};
    CHECK(words(given) == given);
  }
}

TEST_CASE("unknown words, wrong values and options that do not go together are refused in one sentence") {
  const auto refused = [](std::vector<std::string> words, const char* part) {
    return refuses([&] { options_from(words); }, part);
  };
  CHECK(refused({"digits"}, "digits: is not an option; --help lists them"));
  CHECK(refused({"--table"}, "--table: its value is missing"));
  CHECK(refused({"--table", ""}, "--table: its value is empty"));
  CHECK(refused({"--compare", "a.json"}, "--compare: its value is missing"));
  CHECK(refused({"--compare", "a.json,", "b.json"}, "--compare: the name of a file is empty"));
  for (const char* wrong : {"0", "-1", "1,", ",1", "1;2", "1,two", "65537", "99999999999", "1.5", " 1"})
    CHECK(refused({"--batch", wrong}, "--batch: '"));
  CHECK(refused({"--rounds", "1,2", "--table", "digits"}, "--rounds: several numbers"));
  CHECK(refused({"--table", "digits", "--tune", "digits"}, "exclude each other"));
  CHECK(refused({"--list", "--compare", "a", "b"}, "exclude each other"));
  CHECK(refused({"--csv", "t.csv"}, "--csv goes with --table only"));
  CHECK(refused({"--rounds", "3"}, "--rounds goes with --table, --tune and --against only"));
  CHECK(refused({"--against", "a", "--list"}, "exclude each other"));
  CHECK(refused({"--against", "a", "--benchmark_out=x.json"}, "--benchmark_out goes with the cases only"));
  CHECK(refused({"--list", "--markdown"}, "--markdown goes with"));
  CHECK(refused({"--tune", "digits", "--onednn"}, "--onednn goes with"));
  CHECK(refused({"--list", "--threads", "2"}, "--batch or --threads goes with"));
  CHECK(refused({"--table", "digits", "--roofline", "r.html"}, "--roofline goes with the cases only"));
  CHECK(refused({"--table", "digits", "--benchmark_filter=x"}, "--benchmark_filter=x goes with the cases only"));
}

TEST_CASE("the help names every option") {
  const std::string help = help_text("bench");
  CHECK(help.starts_with("bench [options]"));
  for (const char* option : {"--list", "--table NAME", "--tune NAME", "--compare BEFORE AFTER", "--against PROGRAM",
                             "--batch N", "--threads N", "--rounds N", "--onednn", "--csv FILE", "--markdown",
                             "--roofline FILE", "--benchmark_filter", "--benchmark_out", "--benchmark_repetitions"})
    CHECK_MESSAGE(help.find(option) != help.npos, option);
  for (std::size_t at = 0; at < help.size();) {  // fits a terminal
    const std::size_t end = help.find('\n', at);
    CHECK(end - at <= 120);
    at = end + 1;
  }
}
