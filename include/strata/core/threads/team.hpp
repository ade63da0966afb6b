// SPDX-License-Identifier: MIT
// The interface of a network's step to the threads that run it (core/threads/parallel.hpp). A step is one fork; the
// workers meet at a barrier after each section. Each worker starts with its own share of a section's items, the same
// every time; one that finishes early takes items from the others, so a core busy with another program does not hold up
// the rest. A host program can pass its own executor instead. It then gets one parallel-for per section, since a
// barrier inside a task would deadlock on an executor that does not run all tasks at once.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include <strata/core/threads/flush_denormals.hpp>

namespace strata::core {

/// The host program's parallel-for: calls body(context, i) once for each i in [0, count), in any order and on any
/// threads, and returns when all calls have.
struct Executor {
  void* host = nullptr;  ///< passed to `parallel_for`
  int slots = 1;         ///< number of tasks to split the work into
  /// The parallel-for; null: there is no executor.
  void (*parallel_for)(void* host, int count, void (*body)(void* context, int i), void* context) = nullptr;
};

namespace detail {

inline void spin_pause() {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

/// Waits until word != old: checks `spins` times, then sleeps in the kernel.
inline void wait_change(std::atomic<std::uint32_t>& word, std::uint32_t old, int spins) {
  for (int i = 0; i < spins; i++) {
    if (word.load(std::memory_order_acquire) != old) return;
    spin_pause();
  }
  while (word.load(std::memory_order_acquire) == old) word.wait(old, std::memory_order_acquire);
}

class Barrier {
 public:
  Barrier(int count, int spins) : count_(count), spins_(spins) {}
  void arrive_and_wait() {
    const std::uint32_t phase = phase_.load(std::memory_order_acquire);
    if (arrived_.fetch_add(1, std::memory_order_acq_rel) + 1 == std::uint32_t(count_)) {
      arrived_.store(0, std::memory_order_relaxed);
      phase_.fetch_add(1, std::memory_order_release);
      phase_.notify_all();
    } else {
      wait_change(phase_, phase, spins_);
    }
  }

 private:
  alignas(64) std::atomic<std::uint32_t> arrived_{0};
  alignas(64) std::atomic<std::uint32_t> phase_{0};
  int count_, spins_;
};

/// Counts the items taken from each share of a section. There are two sets of counters: one in use, and one being reset
/// for the next section, which no worker enters before all have left the current one.
class Shares {
 public:
  explicit Shares(int count) : count_(count), taken_(std::make_unique<Counter[]>(2 * std::size_t(count))) {}

  void reset(int section, int slot) { counter(section, slot).store(0, std::memory_order_relaxed); }

  /// Runs body(item, slot) for the items of the slot's own share, then for those left in the other shares.
  template <class Body>
  void work(int section, int items, int slot, Body& body) {
    for (int k = 0; k < count_; k++) {
      const int share = (slot + k) % count_;
      const int first = begin(items, share, count_), end = begin(items, share + 1, count_);
      for (;;) {
        const int item = first + counter(section, share).fetch_add(1, std::memory_order_relaxed);
        if (item >= end) break;
        body(item, slot);
      }
    }
  }

  /// The first item of a share.
  static int begin(int items, int share, int shares) { return int(std::int64_t(items) * share / shares); }

 private:
  struct alignas(64) Counter {
    std::atomic<int> value{0};
  };
  std::atomic<int>& counter(int section, int slot) { return taken_[std::size_t((section & 1) * count_ + slot)].value; }

  int count_;
  std::unique_ptr<Counter[]> taken_;
};

}  // namespace detail

/// Runs the sections of a step, one after another, by distributing their items among the workers. All workers run the
/// same step. A slot identifies the worker, and thereby the private scratch area that a body may use while it runs.
class Team {
 public:
  /// A single thread, or a host's executor seen from the one thread that runs the step.
  explicit Team(const Executor* executor = nullptr) : executor_(executor) {}
  Team(int index, int count, detail::Barrier* barrier, detail::Shares* shares)
      : index_(index), count_(count), barrier_(barrier), shares_(shares) {}

  /// The number of slots, and so of private scratch areas.
  int slots() const { return executor_ ? executor_->slots : count_; }

  /// Calls body(item, slot) once for each item in [0, items) and returns when all are done. Calls with the same slot
  /// never overlap; which slot an item gets may vary.
  template <class Body>
  void for_each(int items, Body&& body) {
    if (executor_ && executor_->slots > 1) {
      struct Context {
        Body& body;
        int items, slots;
      } context{body, items, executor_->slots};
      executor_->parallel_for(
          executor_->host, executor_->slots,
          [](void* pointer, int slot) {
            Context& c = *static_cast<Context*>(pointer);
            const FlushDenormals flush;
            const int end = detail::Shares::begin(c.items, slot + 1, c.slots);
            for (int item = detail::Shares::begin(c.items, slot, c.slots); item < end; item++) c.body(item, slot);
          },
          &context);
      return;
    }
    if (!shares_) {
      for (int item = 0; item < items; item++) body(item, 0);
      return;
    }
    shares_->reset(section_ + 1, index_);
    shares_->work(section_++, items, index_, body);
    barrier_->arrive_and_wait();
  }

  /// Calls body() on one worker; the others wait.
  template <class Body>
  void once(Body&& body) {
    if (index_ == 0) body();
    if (barrier_) barrier_->arrive_and_wait();
  }

 private:
  const Executor* executor_ = nullptr;
  int index_ = 0, count_ = 1;
  int section_ = 0;
  detail::Barrier* barrier_ = nullptr;
  detail::Shares* shares_ = nullptr;
};

}  // namespace strata::core
