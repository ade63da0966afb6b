// SPDX-License-Identifier: MIT
// Starts the running program again with other arguments: each measurement of peak memory needs a separate process.
#pragma once

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <vector>

#include <strata/core/error.hpp>

#include "interruption.hpp"

extern char** environ;

namespace shared {

/// Runs this program with the arguments `words`, passes on requests to stop, and returns its exit status, 128 plus the
/// number for a signal. Throws strata::Error, which begins with `who`, if it cannot be started.
inline int run_again(const std::string& who, std::vector<std::string> words) {
  char path[4096];
  const ssize_t size = ::readlink("/proc/self/exe", path, sizeof path - 1);
  if (size < 0) throw strata::Error(who, ": cannot find its own executable: ", strata::core::reason(errno));
  words.insert(words.begin(), std::string(path, std::size_t(size)));
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  pid_t child;
  const int failed = ::posix_spawn(&child, words[0].c_str(), nullptr, nullptr, arguments.data(), environ);
  if (failed) throw strata::Error(who, ": cannot start ", words[0], ": ", strata::core::reason(failed));
  helper = child;
  if (stop_requested) ::sigqueue(child, stop_signal, {});  // a request before the handler knew the child
  siginfo_t ended;
  while (::waitid(P_PID, id_t(child), &ended, WEXITED | WNOWAIT) < 0)
    if (errno != EINTR) throw strata::Error(who, ": cannot wait for its child: ", strata::core::reason(errno));
  helper = 0;  // before the process number can be reused
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace shared
