// SPDX-License-Identifier: MIT
// Threads that stay put. A step of a network is one fork; between its nodes the workers meet at a barrier that spins
// briefly and then waits. A host program can hand in its own executor instead: it then gets one parallel-for a node,
// since a barrier inside a task would deadlock on an executor that does not run all tasks at once.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <thread>
#include <vector>

#include <strata/core/flush_denormals.hpp>

namespace strata {

/// The host program's parallel-for: calls body(context, i) once for each i in [0, count), in any order, on any threads,
/// and returns when all have returned.
struct Executor {
  void* host = nullptr;
  int slots = 1;  ///< how many tasks to cut the work into
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

/// Waits until word != old: spins for some tens of microseconds, then sleeps in the kernel.
inline void wait_change(std::atomic<std::uint32_t>& word, std::uint32_t old) {
  for (int i = 0; i < 2000; i++) {
    if (word.load(std::memory_order_acquire) != old) return;
    spin_pause();
  }
  while (word.load(std::memory_order_acquire) == old) word.wait(old, std::memory_order_acquire);
}

class Barrier {
 public:
  explicit Barrier(int count) : count_(count) {}
  void arrive_and_wait() {
    const std::uint32_t phase = phase_.load(std::memory_order_acquire);
    if (arrived_.fetch_add(1, std::memory_order_acq_rel) + 1 == std::uint32_t(count_)) {
      arrived_.store(0, std::memory_order_relaxed);
      phase_.fetch_add(1, std::memory_order_release);
      phase_.notify_all();
    } else {
      wait_change(phase_, phase);
    }
  }

 private:
  alignas(64) std::atomic<std::uint32_t> arrived_{0};
  alignas(64) std::atomic<std::uint32_t> phase_{0};
  int count_;
};

}  // namespace detail

/// What a step of a network sees of the threads: sections of items that are shared out, one after another. All workers
/// run the same step; an item goes to the same slot every time (static contiguous partition).
class Team {
 public:
  /// A single thread, or a host's executor seen from the one thread that runs the step.
  explicit Team(const Executor* executor = nullptr) : executor_(executor) {}
  Team(int index, int count, detail::Barrier* barrier) : index_(index), count_(count), barrier_(barrier) {}

  /// How many slots may be in use at once: the number of private scratch areas.
  int slots() const { return executor_ ? executor_->slots : count_; }

  /// body(item, slot) once for each item in [0, items); returns when all are done. Two items of one slot never overlap.
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
            share(c.items, slot, c.slots, c.body);
          },
          &context);
      return;
    }
    share(items, index_, count_, body);
    if (barrier_) barrier_->arrive_and_wait();
  }

  /// body() on one worker; the others wait.
  template <class Body>
  void once(Body&& body) {
    if (index_ == 0) body();
    if (barrier_) barrier_->arrive_and_wait();
  }

 private:
  template <class Body>
  static void share(int items, int slot, int slots, Body& body) {
    const int first = int(std::int64_t(items) * slot / slots), last = int(std::int64_t(items) * (slot + 1) / slots);
    for (int item = first; item < last; item++) body(item, slot);
  }

  const Executor* executor_ = nullptr;
  int index_ = 0, count_ = 1;
  detail::Barrier* barrier_ = nullptr;
};

/// A pool of threads, or a host's executor in its place. The caller of run() is worker 0.
class Workers {
 public:
  /// threads >= 1; 0 means as many as the machine has.
  explicit Workers(int threads = 1) : count_(threads > 0 ? threads : hardware()) {
    if (count_ == 1) return;
    shared_ = std::make_unique<Shared>(count_);
    for (int i = 1; i < count_; i++) threads_.emplace_back([s = shared_.get(), i] { s->work(i); });
  }
  explicit Workers(const Executor& executor) : count_(executor.slots), executor_(executor) {}
  Workers(Workers&&) = default;
  Workers& operator=(Workers&&) = delete;
  ~Workers() {
    if (!shared_) return;
    shared_->task = nullptr;
    shared_->start();
  }

  int count() const { return count_; }
  static int hardware() { return std::thread::hardware_concurrency() ? int(std::thread::hardware_concurrency()) : 1; }

  /// body(Team&) on every worker at once; returns when all have returned. The body must not throw. Denormals are zero in it.
  template <class Body>
  void run(Body&& body) {
    const FlushDenormals flush;
    if (!shared_) {
      Team team(executor_.parallel_for ? &executor_ : nullptr);
      body(team);
      return;
    }
    shared_->task = [](void* context, Team& team) { (*static_cast<std::remove_reference_t<Body>*>(context))(team); };
    shared_->context = const_cast<void*>(static_cast<const void*>(&body));
    shared_->start();
    Team team(0, count_, &shared_->barrier);
    body(team);
    shared_->done.arrive_and_wait();
  }

 private:
  struct Shared {
    explicit Shared(int count) : barrier(count), done(count), count(count) {}
    void start() {
      generation.fetch_add(1, std::memory_order_release);
      generation.notify_all();
    }
    void work(int index) {
      const FlushDenormals flush;
      for (std::uint32_t seen = 0;;) {
        detail::wait_change(generation, seen);
        seen++;
        if (!task) return;
        Team team(index, count, &barrier);
        task(context, team);
        done.arrive_and_wait();
      }
    }
    std::atomic<std::uint32_t> generation{0};
    void (*task)(void*, Team&) = nullptr;
    void* context = nullptr;
    detail::Barrier barrier, done;
    int count;
  };

  int count_ = 1;
  Executor executor_{};
  std::unique_ptr<Shared> shared_;
  std::vector<std::jthread> threads_;
};

}  // namespace strata
