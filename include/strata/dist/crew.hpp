// SPDX-License-Identifier: MIT
// One thread per device of the process. run() does work on all devices; none waits forever for a device that failed.
#pragma once

#include <strata/core/error.hpp>
#include <strata/core/threads/thread_group.hpp>

#include <chrono>
#include <condition_variable>
#include <exception>
#include <functional>
#include <mutex>
#include <utility>

namespace strata::dist {

class Crew {
 public:
  /// Throws Error where a thread cannot be started.
  explicit Crew(int size) : group_(std::in_place, size) {
    group_.start(0, size, {"one for each device", "use fewer devices"}, [](Shared& shared, int i) { shared.work(i); });
  }
  Crew(const Crew&) = delete;

  int size() const { return group_->size; }

  /// Calls body(i) on thread i, for all i, and rethrows the first failure. If threads have not returned `timeout`
  /// after it, they are assumed to wait for the failed one, and `release` is called to end that wait. `watch` is called
  /// from time to time; what it throws is a failure, too.
  template <class Body>
  void run(Body&& body, const std::function<void()>& release = {},
           std::chrono::milliseconds timeout = std::chrono::seconds(10), const std::function<void()>& watch = {}) {
    check_threads();
    group_->run(std::ref(body), release, timeout, watch);
  }

  /// The same in two calls: start() returns at once, and wait() when all threads have returned.
  void start(const std::function<void(int)>& body) {
    check_threads();
    group_->start(body);
  }
  void wait() { group_->wait(); }

  /// In a body: returns when all threads have called it. Throws Error where one of them failed before.
  void barrier() { group_->barrier(); }

  /// In a body: whether a thread of this run has failed.
  bool failed() {
    const std::lock_guard held(group_->mutex);
    return group_->error != nullptr;
  }

 private:
  void check_threads() const {
    if (group_.lost())
      throw Error("a forked process has no threads for its devices; make the model in the process that uses it");
  }

  struct Shared {
    explicit Shared(int count) : size(count) {}

    void run(const std::function<void(int)>& given, const std::function<void()>& release,
             std::chrono::milliseconds timeout, const std::function<void()>& watch) {
      start(given);
      std::unique_lock held(mutex);
      const auto decided = [this] { return busy == 0 || error; };
      while (watch && !changed.wait_for(held, std::chrono::milliseconds(50), decided)) {
        held.unlock();
        const std::exception_ptr failure = failure_of(watch);
        held.lock();
        if (failure && !error) error = failure, changed.notify_all();
      }
      changed.wait(held, decided);
      if (!changed.wait_for(held, error ? timeout : std::chrono::milliseconds(0), [this] { return busy == 0; }) &&
          release) {
        held.unlock();
        release();
        held.lock();
      }
      held.unlock();
      wait();
    }

    void start(const std::function<void(int)>& given) {
      {
        const std::lock_guard held(mutex);
        body = given;
        busy = size, arrived = 0, error = nullptr;
        round++;
      }
      changed.notify_all();
    }

    void wait() {
      std::unique_lock held(mutex);
      changed.wait(held, [this] { return busy == 0; });
      if (error) std::rethrow_exception(std::exchange(error, nullptr));
    }

    void barrier() {
      std::unique_lock held(mutex);
      const long own = generation;
      if (++arrived == size) {
        arrived = 0, generation++;
        changed.notify_all();
      }
      changed.wait(held, [&] { return generation != own || error; });
      if (generation == own) throw Error("another device failed");
    }

    void work(int i) {
      std::unique_lock held(mutex);
      for (long done = 0;; done = round) {
        changed.wait(held, [&] { return ends || round != done; });
        if (ends) return;
        const std::function<void(int)> own = body;
        held.unlock();
        const std::exception_ptr failure = failure_of([&] { own(i); });
        held.lock();
        if (failure && !error) error = failure;
        busy--;
        if (busy == 0 || failure) changed.notify_all();
      }
    }

    template <class Body>
    static std::exception_ptr failure_of(Body&& body) {
      try {
        body();
      } catch (...) {
        return std::current_exception();
      }
      return nullptr;
    }

    void end() {
      {
        const std::lock_guard held(mutex);
        ends = true;
      }
      changed.notify_all();
    }

    int size;
    std::mutex mutex;
    std::condition_variable changed;
    std::function<void(int)> body;
    std::exception_ptr error;
    int busy = 0, arrived = 0;
    long round = 0, generation = 0;
    bool ends = false;
  };

  strata::core::detail::ThreadGroup<Shared> group_;
};

}  // namespace strata::dist
