// SPDX-License-Identifier: MIT
// Items 0 ... count - 1, made by threads in the background while the reader is busy with earlier ones, and handed out in
// order. At most `room` are held. What an item is must depend on its number alone; which thread makes it may differ.
#pragma once

#include <condition_variable>
#include <exception>
#include <mutex>
#include <stop_token>
#include <system_error>
#include <thread>
#include <vector>

#include <strata/core/error.hpp>

namespace strata {

template <class Item>
class ReadAhead {
 public:
  ReadAhead() = default;
  ReadAhead(const ReadAhead&) = delete;
  ~ReadAhead() { stop(); }

  /// make(number, item) fills an item, whose memory is that of an earlier one; it is called from several threads at once.
  template <class Make>
  void start(int threads, int room, int count, Make make) {
    stop();
    count_ = count, next_ = first_ = 0;
    slots_.resize(std::size_t(room));
    for (Slot& slot : slots_) slot.number = -1, slot.busy = false, slot.error = nullptr;
    try {
      for (int t = 0; t < threads; t++)
        threads_.emplace_back([this, make](std::stop_token token) { work(token, make); });
    } catch (const std::system_error& error) {
      stop();
      throw Error("a thread that reads samples ahead cannot be started: ", error.what(), "; ask for fewer threads");
    }
  }

  /// Waits until no thread is left; items that are being made are finished first.
  void stop() {
    for (std::jthread& thread : threads_) thread.request_stop();
    threads_.clear();
  }

  /// The items before `number` are not wanted; their places become free.
  void advance(int number) {
    {
      const std::lock_guard lock(mutex_);
      first_ = number;
      if (next_ < number) next_ = number;
    }
    changed_.notify_all();
  }

  /// The first item that is wanted, which stays until advance(); throws what its making threw.
  const Item& wait() {
    std::unique_lock lock(mutex_);
    Slot& slot = slot_of(first_);
    changed_.wait(lock, [&] { return slot.number == first_ && !slot.busy; });
    if (slot.error) std::rethrow_exception(slot.error);
    return slot.item;
  }

 private:
  struct Slot {
    Item item{};
    int number = -1;
    bool busy = false;
    std::exception_ptr error;
  };
  Slot& slot_of(int number) { return slots_[std::size_t(number) % slots_.size()]; }

  /// A place may still be busy with an item that was passed over.
  bool has_work() { return next_ < count_ && next_ < first_ + int(slots_.size()) && !slot_of(next_).busy; }

  template <class Make>
  void work(std::stop_token token, Make& make) {
    std::unique_lock lock(mutex_);
    while (changed_.wait(lock, token, [&] { return has_work(); })) {
      if (token.stop_requested()) return;
      const int number = next_++;
      Slot& slot = slot_of(number);
      slot.number = number, slot.busy = true, slot.error = nullptr;
      lock.unlock();
      std::exception_ptr error;
      try {
        make(number, slot.item);
      } catch (...) {
        error = std::current_exception();
      }
      lock.lock();
      slot.busy = false, slot.error = error;
      changed_.notify_all();
    }
  }

  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::vector<Slot> slots_;
  int count_ = 0, next_ = 0, first_ = 0;
  std::vector<std::jthread> threads_;
};

}  // namespace strata
