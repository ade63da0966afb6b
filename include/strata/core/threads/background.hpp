// SPDX-License-Identifier: MIT
// One thread that does one thing at a time while its owner does another.
#pragma once

#include <condition_variable>
#include <exception>
#include <mutex>
#include <utility>

#include <strata/core/threads/thread_group.hpp>

namespace strata::core {

class Background {
 public:
  /// Begins work(context) in the background, where the thread is started at need. One wait() must follow each start().
  /// Throws Error where the thread cannot be started. purpose: as in ThreadPurpose.
  void start(void (*work)(void*), void* context, const detail::ThreadPurpose& purpose) {
    if (!running_) group_.start(0, 1, purpose, [](Shared& shared, int) { shared.run(); });
    running_ = true;
    group_->begin(work, context);
  }

  /// Waits for the work, if any, and rethrows what it threw.
  void wait() {
    if (running_) group_->wait();
  }

 private:
  struct Shared {
    void begin(void (*work)(void*), void* its) {
      {
        const std::lock_guard held(mutex);
        call = work, context = its;
      }
      changed.notify_all();
    }

    void wait() {
      std::unique_lock held(mutex);
      changed.wait(held, [this] { return !call; });
      if (error) std::rethrow_exception(std::exchange(error, nullptr));
    }

    void run() {
      std::unique_lock held(mutex);
      for (;;) {
        changed.wait(held, [this] { return ends || call; });
        if (ends) return;
        held.unlock();
        std::exception_ptr failure;
        try {
          call(context);
        } catch (...) {
          failure = std::current_exception();
        }
        held.lock();
        call = nullptr, error = failure;
        changed.notify_all();
      }
    }

    void end() {
      {
        const std::lock_guard held(mutex);
        ends = true;
      }
      changed.notify_all();
    }

    std::mutex mutex;
    std::condition_variable changed;
    void (*call)(void*) = nullptr;
    void* context = nullptr;
    std::exception_ptr error;
    bool ends = false;
  };

  detail::ThreadGroup<Shared> group_{std::in_place};
  bool running_ = false;
};

}  // namespace strata::core
