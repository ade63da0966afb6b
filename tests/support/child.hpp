// SPDX-License-Identifier: MIT
// Runs code in a forked child. An alarm ends a child that hangs. Include this in only one file of a test.
#pragma once

#include <sys/wait.h>
#include <unistd.h>

#include "thread_failures.hpp"

namespace strata::testing {

/// The thread sanitizer ends a forked child that starts threads, so there the child must find that it cannot start any.
#if defined(__SANITIZE_THREAD__)
inline constexpr bool children_start_threads = false;
#else
inline constexpr bool children_start_threads = true;
#endif

/// The exit status of a child, which body() returns; -1 where a signal ended it.
template <class Body>
int in_child(Body&& body) {
  const pid_t child = ::fork();
  if (child == 0) {
    ::alarm(60);
    if (!children_start_threads) startable_threads = 0;
    ::_exit(body());
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace strata::testing
