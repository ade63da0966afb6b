// SPDX-License-Identifier: MIT
// Two programs of the same benchmarks, run in turns and compared (verdict.hpp). What looks slower is run again, so that
// a moment in which the machine was slower is no regression. Needs strata::safetensors (nlohmann-json).
#pragma once

#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <strata/benchmark/verdict.hpp>
#include <strata/core/error.hpp>
#include <strata/core/files/last_words.hpp>
#include <strata/core/text/printable.hpp>

extern "C" char** environ;

namespace strata::benchmarks {

/// What is run.
struct Turns {
  std::string before{}, after{};     ///< programs
  std::vector<std::string> words{};  ///< for both
  int runs = 3;                      ///< of each program; what looks slower is run as many times again
};

namespace detail {

/// A folder that is removed with all it holds.
class TemporaryFolder {
 public:
  TemporaryFolder() : path_((std::filesystem::temp_directory_path() / "strata-benchmark-XXXXXX").string()) {
    if (!::mkdtemp(path_.data())) throw Error(path_, ": cannot be created: ", core::reason(errno));
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

/// Runs a program to its end, with its output in the file `log`. Throws Error with its last line if it fails.
inline void run_program(const std::string& program, const std::vector<std::string>& words, const std::string& log) {
  std::vector<std::string> all{program};
  all.insert(all.end(), words.begin(), words.end());
  std::vector<char*> arguments;
  arguments.reserve(all.size() + 1);
  for (std::string& word : all) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  ::posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_addopen(&actions, 1, log.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  ::posix_spawn_file_actions_adddup2(&actions, 1, 2);
  pid_t child = 0;
  const int error = ::posix_spawn(&child, program.c_str(), &actions, nullptr, arguments.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  if (error != 0)
    throw Error(core::printable(program), ": cannot be run: ", core::reason(error),
                "; give the path of a benchmark program");
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return;
  throw Error(core::printable(program), ": ended with ",
              WIFSIGNALED(status) ? core::sentence("signal ", WTERMSIG(status))
                                  : core::sentence("status ", WEXITSTATUS(status)),
              core::last_words(log));
}

/// A regular expression, for --benchmark_filter, that matches these names only.
inline std::string expression_of(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) {
    out += out.empty() ? "^(" : "|";
    for (const char c : name) {
      if (std::string_view(".*+?()[]{}|^$\\").find(c) != std::string_view::npos) out += '\\';
      out += c;
    }
  }
  return out + ")$";
}

/// Runs both programs `runs` times each, in turns that alternate which is first, and compares them.
inline Verdict in_turns(const Turns& turns, const std::vector<std::string>& words, const VerdictRules& rules) {
  const TemporaryFolder folder;
  std::vector<Samples> before, after;
  for (int turn = 0; turn < 2 * turns.runs; turn++) {
    const bool old = turn % 4 == 0 || turn % 4 == 3;
    const std::string& program = old ? turns.before : turns.after;
    const std::string file = core::sentence(folder.path(), "/", turn, ".json");
    std::vector<std::string> given = words;
    given.push_back("--benchmark_out=" + file), given.emplace_back("--benchmark_out_format=json");
    std::fprintf(stderr, "run %d of %d: %s\n", turn + 1, 2 * turns.runs, core::printable(program).c_str());
    run_program(program, given, folder.path() + "/log");
    Samples samples = read_samples(file);
    samples.file = program;  // for messages
    (old ? before : after).push_back(std::move(samples));
  }
  return compare(before, after, rules);
}

}  // namespace detail

/// What remains of a verdict once its slower cases were run again: they are slower if they were so again, and else
/// unclear.
inline Verdict confirmed(Verdict first, const Verdict& again) {
  for (Change& c : first.cases) {
    if (c.outcome != Outcome::slower) continue;
    const auto repeated =
        std::find_if(again.cases.begin(), again.cases.end(), [&](const Change& a) { return a.name == c.name; });
    if (repeated == again.cases.end() || repeated->outcome != Outcome::slower) c.outcome = Outcome::unclear;
  }
  return first;
}

/// Runs the two programs in turns, `turns.runs` times each, and compares them; then the cases that look slower again.
/// Says on stderr what runs. Throws Error if a program fails, or as compare() does.
inline Verdict compare_in_turns(const Turns& turns, const VerdictRules& rules = {}) {
  constexpr std::string_view filter = "--benchmark_filter=";
  std::vector<std::string> words = turns.words;
  const auto add_unless_given = [&](std::string_view option, const char* value) {
    for (const std::string& word : words)
      if (word.starts_with(option)) return;
    words.push_back(std::string(option) + value);
  };
  add_unless_given("--benchmark_repetitions=", "10");
  add_unless_given("--benchmark_enable_random_interleaving=", "true");
  Verdict verdict = detail::in_turns(turns, words, rules);
  std::vector<std::string> slower;
  for (const Change& c : verdict.cases)
    if (c.outcome == Outcome::slower) slower.push_back(c.name);
  if (slower.empty()) return verdict;
  std::fprintf(stderr,
               slower.size() == 1 ? "%d case looks slower, and runs again\n" : "%d cases look slower, and run again\n",
               int(slower.size()));
  std::erase_if(words, [&](const std::string& word) { return word.starts_with(filter); });
  words.push_back(std::string(filter) + detail::expression_of(slower));
  return confirmed(std::move(verdict), detail::in_turns(turns, words, rules));
}

}  // namespace strata::benchmarks
