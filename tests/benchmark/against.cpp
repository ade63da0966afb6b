// SPDX-License-Identifier: MIT
// Programs that run in turns: scripts that write results as Google Benchmark does.
#include <strata/benchmark/against.hpp>

#include <doctest/doctest.h>

#include <sys/stat.h>

#include <strata/core/files/file_writer.hpp>

#include "../support/outcome.hpp"
#include "../support/refusal.hpp"
#include "../support/temporary_folder.hpp"

using namespace strata;
using namespace strata::benchmarks;
using namespace strata::testing;

namespace {

/// Results in which each case of 10 samples takes these seconds.
std::string results(const std::vector<std::pair<std::string, double>>& cases) {
  std::string out;
  for (const auto& [name, seconds] : cases)
    for (int i = 0; i < 10; i++)
      out += core::sentence(out.empty() ? "" : ",", "{\"name\":\"", name,
                            "\",\"run_type\":\"iteration\",\"real_time\":", core::shortest(seconds * (1 + 0.001 * i)),
                            ",\"time_unit\":\"s\"}");
  return "{\"context\":{},\"benchmarks\":[" + out + "]}";
}

/// A program in a folder of its own. It appends its words to NAME.words, a line for each call, and copies NAME.first to
/// its result file, in calls with a filter NAME.again.
class Program {
 public:
  Program(const std::string& name, const std::string& first, const std::string& again) : path_(folder_ / name) {
    core::write_file(path_ + ".first", first);
    core::write_file(path_ + ".again", again);
    core::write_file(path_, std::string_view("#!/bin/sh\n"
                                             "echo \"$@\" >> \"$0.words\"\n"
                                             "from=first\n"
                                             "for word; do case $word in\n"
                                             "  --benchmark_out=*) out=${word#*=} ;;\n"
                                             "  --benchmark_filter=^*) from=again ;;\n"
                                             "esac; done\n"
                                             "cp \"$0.$from\" \"$out\"\n"));
    REQUIRE(::chmod(path_.c_str(), 0700) == 0);
  }
  const std::string& path() const { return path_; }
  std::vector<std::string> calls() const {
    std::vector<std::string> lines;
    if (!core::file_exists(path_ + ".words")) return lines;
    std::istringstream words(read(path_ + ".words"));
    for (std::string line; std::getline(words, line);) lines.push_back(line);
    return lines;
  }

 private:
  TemporaryFolder folder_;
  std::string path_;
};

}  // namespace

TEST_CASE("programs run in turns, and what is slower both times is a regression") {
  const std::string steady = results({{"a", 1}, {"b (2)/batch:1", 1}, {"c", 1}});
  const Program old("old", steady, steady),
      now("new", results({{"a", 1}, {"b (2)/batch:1", 1.2}, {"c", 1.2}}), results({{"b (2)/batch:1", 1.2}, {"c", 1}}));
  const Verdict v = compare_in_turns({.before = old.path(), .after = now.path(), .words = {"--threads", "2"}});
  CHECK(outcome_of(v, "a") == Outcome::same);
  CHECK(outcome_of(v, "b (2)/batch:1") == Outcome::slower);
  CHECK(outcome_of(v, "c") == Outcome::unclear);  // a moment in which the machine was slower
  CHECK(!v.passes());
  CHECK(v.cases[0].before.count == 30);

  const auto calls = now.calls();
  REQUIRE(calls.size() == 6);
  CHECK(old.calls().size() == 6);
  CHECK(
      calls[0].starts_with("--threads 2 --benchmark_repetitions=10 --benchmark_enable_random_interleaving=true "
                           "--benchmark_out="));
  CHECK(calls[3].find("--benchmark_filter=^(b \\(2\\)/batch:1|c)$ ") != std::string::npos);
}

TEST_CASE("where nothing is slower, nothing runs again, and given options stay") {
  const std::string steady = results({{"a", 1}});
  const Program old("old", steady, steady), now("new", results({{"a", 0.5}}), steady);
  const Verdict v = compare_in_turns({.before = old.path(),
                                      .after = now.path(),
                                      .words = {"--benchmark_repetitions=20", "--benchmark_filter=whole"},
                                      .runs = 2});
  CHECK(outcome_of(v, "a") == Outcome::faster);
  CHECK(v.passes());
  REQUIRE(now.calls().size() == 2);
  CHECK(now.calls()[0].starts_with("--benchmark_repetitions=20 --benchmark_filter=whole "));
}

TEST_CASE("a program that cannot run, fails or writes no results is an error in one sentence") {
  const std::string steady = results({{"a", 1}});
  const Program good("good", steady, steady), bad("bad", "not JSON", "");
  const auto against = [&](const std::string& program) {
    return [&good, program] { compare_in_turns({.before = program, .after = good.path(), .runs = 1}); };
  };
  CHECK(refuses(against("/no/program"), "/no/program: cannot be run: No such file or directory; give the path of"));
  CHECK(refuses(against(bad.path()), "is not a result file of a benchmark"));
  core::write_file(bad.path(), std::string_view("#!/bin/sh\necho first\necho the disk is full >&2\nexit 3\n"));
  CHECK(refuses(against(bad.path()), "bad: ended with status 3; its last words: the disk is full"));
  core::write_file(bad.path(), std::string_view("#!/bin/sh\nkill -9 $$\n"));
  CHECK(refuses(against(bad.path()), "bad: ended with signal 9"));
}
