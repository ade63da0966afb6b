// SPDX-License-Identifier: MIT
// A program of build/<preset>/bin as its users run it: its exit status, and what it wrote to its output and its errors.
#pragma once

#include <doctest/doctest.h>

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "temporary_folder.hpp"

extern char** environ;

namespace strata::testing {

struct Finished {
  int status = 0;  ///< negative: the signal that ended it
  std::string output, errors;
};

/// Where a program's output and errors go. Empty: a file that output() and end() read; "closed": nowhere.
struct Places {
  std::string out{}, err{};
};

/// A program that was started.
class Process {
 public:
  Process(const char* program, std::vector<std::string> words, const Places& places = {}) {
    words.insert(words.begin(), std::string("../bin/") + program);
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    const auto connect = [&](int file, const std::string& place, const char* own) {
      if (place == "closed") ::posix_spawn_file_actions_addclose(&actions, file);
      else
        ::posix_spawn_file_actions_addopen(&actions, file, (place.empty() ? folder_ / own : place).c_str(),
                                           O_WRONLY | O_CREAT | O_NOCTTY, 0600);
    };
    connect(1, places.out, "out"), connect(2, places.err, "err");
    REQUIRE(::posix_spawn(&child_, words[0].c_str(), &actions, nullptr, arguments.data(), environ) == 0);
    ::posix_spawn_file_actions_destroy(&actions);
  }
  Process(const Process&) = delete;

  void send(int signal) { ::kill(child_, signal); }
  pid_t number() const { return child_; }
  std::string output() const { return read(folder_ / "out"); }
  /// Waits until the program has printed `part`, up to half a minute.
  void wait_for(const std::string& part) const {
    for (int i = 0; i < 3000 && output().find(part) == std::string::npos; i++)
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  Finished end() {
    int status = 0;
    ::waitpid(child_, &status, 0);
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status), read(folder_ / "out"), read(folder_ / "err")};
  }

 private:
  TemporaryFolder folder_;
  pid_t child_ = 0;
};

inline Finished run_program(const char* program, std::vector<std::string> words, const Places& places = {}) {
  return Process(program, std::move(words), places).end();
}

/// Whether the program exits with a failure status, not by a signal, and its errors contain `part`.
inline bool program_refuses(const char* program, const std::vector<std::string>& words, const std::string& part) {
  const Finished e = run_program(program, words);
  const bool good = e.status > 0 && e.errors.find(part) != std::string::npos;
  if (!good) MESSAGE(e.status, ": ", e.output, e.errors);
  return good;
}

}  // namespace strata::testing
