// SPDX-License-Identifier: MIT
// A thread for each device of the process. Work of all devices is one run; a device that fails lets nobody wait for it.
#pragma once

#include <strata/core/error.hpp>

#include <chrono>
#include <condition_variable>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace strata::dist {

class Crew {
 public:
  explicit Crew(int size) : size_(size) {
    for (int i = 0; i < size; i++) threads_.emplace_back([this, i] { work(i); });
  }
  Crew(const Crew&) = delete;
  ~Crew() {
    {
      const std::lock_guard held(mutex_);
      ends_ = true;
    }
    changed_.notify_all();
    for (std::thread& thread : threads_) thread.join();
  }

  int size() const { return size_; }

  /// body(i) on thread i, for all; throws what failed first. Who has not returned `patience` after that is taken to wait for
  /// the one that failed, and `release` is called to end it.
  template <class Body>
  void run(Body&& body, const std::function<void()>& release = {}, std::chrono::milliseconds patience = std::chrono::seconds(10)) {
    std::unique_lock held(mutex_);
    body_ = std::ref(body);
    busy_ = size_, arrived_ = 0, error_ = nullptr;
    round_++;
    changed_.notify_all();
    changed_.wait(held, [this] { return busy_ == 0 || error_; });
    if (!changed_.wait_for(held, error_ ? patience : std::chrono::milliseconds(0), [this] { return busy_ == 0; }) && release) {
      held.unlock();
      release();
      held.lock();
    }
    changed_.wait(held, [this] { return busy_ == 0; });
    if (error_) std::rethrow_exception(std::exchange(error_, nullptr));
  }

  /// In a body: returns when all threads have come here. Throws where one of them failed before.
  void meet() {
    std::unique_lock held(mutex_);
    const long meeting = meeting_;
    if (++arrived_ == size_) {
      arrived_ = 0, meeting_++;
      changed_.notify_all();
    }
    changed_.wait(held, [&] { return meeting_ != meeting || error_; });
    if (meeting_ == meeting) throw Error("another device failed");
  }

  /// In a body: whether another thread of this run failed.
  bool failed() {
    const std::lock_guard held(mutex_);
    return error_ != nullptr;
  }

 private:
  void work(int i) {
    std::unique_lock held(mutex_);
    for (long done = 0;; done = round_) {
      changed_.wait(held, [&] { return ends_ || round_ != done; });
      if (ends_) return;
      const std::function<void(int)> body = body_;
      held.unlock();
      std::exception_ptr error;
      try {
        body(i);
      } catch (...) {
        error = std::current_exception();
      }
      held.lock();
      if (error && !error_) error_ = error;
      busy_--;
      if (busy_ == 0 || error) changed_.notify_all();
    }
  }

  int size_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::function<void(int)> body_;
  std::exception_ptr error_;
  int busy_ = 0, arrived_ = 0;
  long round_ = 0, meeting_ = 0;
  bool ends_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace strata::dist
