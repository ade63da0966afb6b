// SPDX-License-Identifier: MIT
// Teams of several threads. Each worker of a pool starts with its own share of a section's items, the same every time;
// one that finishes early takes items from the others, so a core busy with another program does not hold up the rest.
// The workers meet at a barrier after each section. A host program can pass its own executor instead. It then gets one
// parallel-for per section, since a barrier inside a task would deadlock on an executor that does not run all tasks at
// once.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include <strata/core/threads/flush_denormals.hpp>
#include <strata/core/threads/team.hpp>

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

  /// Runs the items of the slot's own share, then those left in the other shares.
  void work(int section, int items, int slot, Team::Items run, void* body) {
    for (int k = 0; k < count_; k++) {
      const int share = (slot + k) % count_;
      const int first = begin(items, share, count_), end = begin(items, share + 1, count_);
      for (;;) {
        const int item = first + counter(section, share).fetch_add(1, std::memory_order_relaxed);
        if (item >= end) break;
        run(body, item, item + 1, slot);
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

/// One worker of a pool of threads, while it runs a step.
class PoolTeam : public Team {
 public:
  PoolTeam(int index, int count, Barrier& barrier, Shares& shares)
      : Team(count, distribute, meet, index == 0), index_(index), barrier_(barrier), shares_(shares) {}

 private:
  static void distribute(Team& team, int items, Items run, void* body) {
    static_cast<PoolTeam&>(team).work(items, run, body);
  }
  static void meet(Team& team) { static_cast<PoolTeam&>(team).barrier_.arrive_and_wait(); }

  void work(int items, Items run, void* body) {
    shares_.reset(section_ + 1, index_);
    shares_.work(section_++, items, index_, run, body);
    barrier_.arrive_and_wait();
  }

  int index_, section_ = 0;
  Barrier& barrier_;
  Shares& shares_;
};

/// A host's executor, seen from the one thread that runs the step.
class HostTeam : public Team {
 public:
  /// The executor must outlive the team and have a parallel_for.
  explicit HostTeam(const Executor& executor) : Team(executor.slots, distribute, nullptr, true), executor_(executor) {}

 private:
  static void distribute(Team& team, int items, Items run, void* body) {
    const Executor& executor = static_cast<HostTeam&>(team).executor_;
    if (executor.slots <= 1) return run(body, 0, items, 0);
    struct Section {
      Items run;
      void* body;
      int items, slots;
    } section{run, body, items, executor.slots};
    executor.parallel_for(
        executor.host, executor.slots,
        [](void* pointer, int slot) {
          const Section& s = *static_cast<const Section*>(pointer);
          const FlushDenormals flush;
          s.run(s.body, Shares::begin(s.items, slot, s.slots), Shares::begin(s.items, slot + 1, s.slots), slot);
        },
        &section);
  }

  const Executor& executor_;
};

}  // namespace detail

}  // namespace strata::core
