// SPDX-License-Identifier: MIT
// A pthread_create that can refuse. Include this in only one file of a test.
#pragma once

#include <dlfcn.h>
#include <pthread.h>

#include <atomic>
#include <cerrno>
#include <climits>
#include <string>

namespace strata::testing {

inline std::atomic<int> startable_threads{INT_MAX};

/// While it lives, `count` more threads can be started; the next ones fail as at a limit of the system.
struct ThreadLimit {
  explicit ThreadLimit(int count) { startable_threads = count; }
  ThreadLimit(const ThreadLimit&) = delete;
  ~ThreadLimit() { startable_threads = INT_MAX; }
};

/// The error for thread `number` of `count`; `purpose` and `advice` as in ThreadPurpose.
inline std::string thread_refused(int number, int count, const std::string& purpose, const std::string& advice) {
  return "thread " + std::to_string(number) + " of " + std::to_string(count) + ", " + purpose +
         ", cannot be started: Resource temporarily unavailable; " + advice +
         ", or raise the limit that was reached (ulimit -u, ulimit -v, pids.max or memory.max of the control group)";
}

}  // namespace strata::testing

extern "C" int pthread_create(pthread_t* thread, const pthread_attr_t* attributes, void* (*run)(void*),
                              void* argument) noexcept {
  using Create = int (*)(pthread_t*, const pthread_attr_t*, void* (*)(void*), void*);
  static const Create create = reinterpret_cast<Create>(::dlsym(RTLD_NEXT, "pthread_create"));
  if (strata::testing::startable_threads.fetch_sub(1) <= 0) return EAGAIN;
  return create(thread, attributes, run, argument);
}
