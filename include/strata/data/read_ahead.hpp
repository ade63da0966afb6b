// SPDX-License-Identifier: MIT
// Items 0 ... count - 1, made by background threads while the reader works on earlier ones, and handed out in order. At
// most `room` are held. An item must depend only on its number, since any thread may make it.
#pragma once

#include <condition_variable>
#include <exception>
#include <mutex>
#include <vector>

#include <strata/core/error.hpp>
#include <strata/core/threads/thread_group.hpp>

namespace strata::data {

template <class Item>
class ReadAhead {
 public:
  /// make(number, item) fills an item, reusing the memory of an earlier one; several threads call it at once. Throws
  /// Error where a thread cannot be started.
  template <class Make>
  void start(int threads, int room, int count, Make make) {
    if (group_.lost()) group_ = Group(std::in_place);
    stop();
    group_->prepare(room, count);
    group_.start(0, threads, {"which reads samples ahead", "ask for fewer threads"},
                 [make](Shared& shared, int) mutable { shared.work(make); });
  }

  /// Ends the threads; items in progress are finished first.
  void stop() {
    if (!group_.lost()) group_.stop();
  }

  /// Releases the items before `number`; their slots become free.
  void advance(int number) { here().advance(number); }

  /// Waits for the first item that is not released, which stays valid until advance(). Rethrows what make() threw.
  const Item& wait() { return here().wait(0); }
  /// The same for the item `later` numbers after that one; later < room.
  const Item& wait(int later) { return here().wait(later); }

 private:
  struct Slot {
    Item item{};
    int number = -1;
    bool busy = false;
    std::exception_ptr error;
  };

  struct Shared {
    void prepare(int room, int items) {
      count = items, next = first = 0, ends = false;
      slots.resize(std::size_t(room));
      for (Slot& slot : slots) slot.number = -1, slot.busy = false, slot.error = nullptr;
    }

    void advance(int number) {
      {
        const std::lock_guard lock(mutex);
        first = number;
        if (next < number) next = number;
      }
      changed.notify_all();
    }

    const Item& wait(int later) {
      std::unique_lock lock(mutex);
      const int number = first + later;
      Slot& slot = slot_of(number);
      changed.wait(lock, [&] { return slot.number == number && !slot.busy; });
      if (slot.error) std::rethrow_exception(slot.error);
      return slot.item;
    }

    template <class Make>
    void work(Make& make) {
      std::unique_lock lock(mutex);
      for (;;) {
        changed.wait(lock, [&] { return ends || has_work(); });
        if (ends) return;
        const int number = next++;
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
        changed.notify_all();
      }
    }

    void end() {
      {
        const std::lock_guard lock(mutex);
        ends = true;
      }
      changed.notify_all();
    }

    Slot& slot_of(int number) { return slots[std::size_t(number) % slots.size()]; }

    /// Whether the next item can be made: its slot may still be busy with an item that was skipped.
    bool has_work() { return next < count && next < first + int(slots.size()) && !slot_of(next).busy; }

    std::mutex mutex;
    std::condition_variable changed;
    std::vector<Slot> slots;
    int count = 0, next = 0, first = 0;
    bool ends = false;
  };
  using Group = core::detail::ThreadGroup<Shared>;

  Shared& here() {
    if (group_.lost())
      throw Error(
          "a forked process has no threads that read its samples ahead; begin an epoch in the process that reads it");
    return *group_.operator->();
  }

  Group group_{std::in_place};
};

}  // namespace strata::data
