// SPDX-License-Identifier: MIT
// Threads and the state that they share. If a thread cannot be started, those already started end before Error is
// thrown, so none waits for a signal that never comes. A child of fork() has none of its parent's threads, but their
// shared state as it was at that moment: locks held, waiters counted. The child leaves that state alone: it neither
// locks, joins nor destroys it.
#pragma once

#include <pthread.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <new>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include <strata/core/compile_once.hpp>
#include <strata/core/error.hpp>

namespace strata::core::detail {

/// The number of forks between this process and the ancestor that first called watch_forks().
inline std::atomic<std::uint32_t> forks{0};

/// Starts counting forks in the children of this process. Throws Error if the handler cannot be registered.
STRATA_ONCE void watch_forks();

#if STRATA_HAS_BODIES

STRATA_ONCE void watch_forks() {
  static const int error = ::pthread_atfork(nullptr, nullptr, [] { forks.fetch_add(1, std::memory_order_relaxed); });
  if (error != 0)
    throw Error("the forks of this process cannot be watched: ", std::generic_category().message(error),
                "; free memory");
}

#endif  // STRATA_HAS_BODIES

/// How an error message names the threads, and what it advises.
struct ThreadPurpose {
  const char* purpose;  ///< "which computes"
  const char* advice;   ///< "ask for fewer threads"
};

/// A group of threads with their shared state. Shared::end() makes the threads return soon; the thread that owns the
/// group calls it once per start.
template <class Shared>
class ThreadGroup {
 public:
  /// Constructs the shared state, without threads.
  template <class... Argument>
  explicit ThreadGroup(std::in_place_t, Argument&&... argument)
      : state_(new State{Shared(std::forward<Argument>(argument)...), {}}) {
    watch_forks();
    birth_ = forks.load(std::memory_order_relaxed);
  }
  ThreadGroup() = default;
  ThreadGroup(ThreadGroup&&) noexcept = default;
  ThreadGroup& operator=(ThreadGroup&& other) noexcept {
    std::swap(state_, other.state_);
    std::swap(birth_, other.birth_);
    return *this;
  }
  ~ThreadGroup() {
    if (lost()) (void)state_.release();
    else stop();
  }

  explicit operator bool() const { return state_ != nullptr; }
  Shared* operator->() const { return &state_->shared; }

  /// Whether the process was forked since construction: the threads then run only in the parent.
  bool lost() const { return birth_ != forks.load(std::memory_order_relaxed); }

  /// Starts threads first ... end - 1, each of which calls body(shared, number). If one cannot be started, ends the
  /// others and throws Error.
  template <class Body>
  void start(int first, int end, const ThreadPurpose& purpose, Body body) {
    std::vector<std::thread>& threads = state_->threads;
    const auto fail = [&](const std::string& why) {
      const int number = first + int(threads.size()) + 1;
      stop();
      throw Error(
          "thread ", number, " of ", end, ", ", purpose.purpose, ", cannot be started: ", why, "; ", purpose.advice,
          ", or raise the limit that was reached (ulimit -u, ulimit -v, pids.max or memory.max of the control group)");
    };
    try {
      threads.reserve(std::size_t(end - first));
      for (int i = first; i < end; i++)
        threads.emplace_back([shared = &state_->shared, i, body]() mutable { body(*shared, i); });
    } catch (const std::system_error& error) {
      fail(core::reason(error.code().value()));
    } catch (const std::bad_alloc&) {
      fail("out of memory");
    }
  }

  /// Ends the threads and waits for them.
  void stop() {
    if (!state_ || state_->threads.empty()) return;
    state_->shared.end();
    for (std::thread& thread : state_->threads) thread.join();
    state_->threads.clear();
  }

 private:
  struct State {
    Shared shared;
    std::vector<std::thread> threads;
  };
  std::unique_ptr<State> state_;
  std::uint32_t birth_ = forks.load(std::memory_order_relaxed);
};

}  // namespace strata::core::detail
