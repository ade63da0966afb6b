// SPDX-License-Identifier: MIT
// Starts the running program again with other arguments, or another program: each measurement of peak memory needs a
// separate process.
#pragma once

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <utility>
#include <vector>

#include <strata/core/clock.hpp>
#include <strata/core/error.hpp>

#include "interruption.hpp"

extern char** environ;

namespace shared {

/// The path of the running program. Throws strata::Error, which begins with `who`, if it cannot be found.
inline std::string own_path(const std::string& who) {
  char path[4096];
  const ssize_t size = ::readlink("/proc/self/exe", path, sizeof path - 1);
  if (size < 0) throw strata::Error(who, ": cannot find its own executable: ", strata::core::reason(errno));
  return {path, std::size_t(size)};
}

/// How a child runs.
struct ChildOptions {
  bool output_to_errors = false;  ///< its standard output goes to the standard error output
  double limit_seconds = 0;       ///< after which it is asked to stop; 0: none
};

namespace detail {

/// Waits for the end of the child without collecting its status, so that its number is not reused.
inline void await(const std::string& who, pid_t child, double limit_seconds) {
  const double started = strata::core::clock_seconds();
  bool asked = limit_seconds <= 0;
  for (;;) {
    siginfo_t ended{};
    if (::waitid(P_PID, id_t(child), &ended, WEXITED | WNOWAIT | (asked ? 0 : WNOHANG)) < 0) {
      if (errno == EINTR) continue;
      throw strata::Error(who, ": cannot wait for its child: ", strata::core::reason(errno));
    }
    if (ended.si_pid != 0) return;
    if (strata::core::clock_seconds() - started > limit_seconds) asked = true, ::sigqueue(child, SIGTERM, {});
    else ::usleep(50'000);
  }
}

}  // namespace detail

/// Runs a program with the arguments `words`, passes on requests to stop, and returns its exit status, 128 plus the
/// number for a signal. Throws strata::Error, which begins with `who`, if it cannot be started.
inline int run_child(const std::string& who, const std::string& path, std::vector<std::string> words,
                     const ChildOptions& options = {}) {
  words.insert(words.begin(), path);
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  if (options.output_to_errors) ::posix_spawn_file_actions_adddup2(&actions, 2, 1);
  pid_t child;
  const int failed = ::posix_spawn(&child, words[0].c_str(), &actions, nullptr, arguments.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  if (failed) throw strata::Error(who, ": cannot start ", words[0], ": ", strata::core::reason(failed));
  helper = child;
  if (stop_requested) ::sigqueue(child, stop_signal, {});  // a request before the handler knew the child
  detail::await(who, child, options.limit_seconds);
  helper = 0;  // before the process number can be reused
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/// Runs this program again.
inline int run_again(const std::string& who, std::vector<std::string> words) {
  return run_child(who, own_path(who), std::move(words));
}

}  // namespace shared
