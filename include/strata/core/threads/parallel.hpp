// SPDX-License-Identifier: MIT
// A persistent pool of threads that run steps together. A waiting thread spins for some tens of microseconds and then
// sleeps; with more threads than cores it sleeps at once, since the thread it waits for may need its core.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <type_traits>

#include <strata/core/compile_once.hpp>
#include <strata/core/error.hpp>
#include <strata/core/threads/available_cores.hpp>
#include <strata/core/threads/flush_denormals.hpp>
#include <strata/core/threads/teams.hpp>
#include <strata/core/threads/thread_group.hpp>
#include <strata/core/threads/turn.hpp>

namespace strata::core {

/// A pool of threads, or a host's executor in its place. The caller of run() is worker 0. Several threads may call
/// run(); a pool serves them one after another. In a child of fork(), the next run() starts a new pool, or, if that
/// fails, computes on the calling thread with the same results.
class Workers {
 public:
  static constexpr int most = 65'536;  ///< threads of a pool

  /// threads: below 1, as many as available_cores() returns. Throws Error if there are more than `most` or they cannot
  /// be started.
  explicit Workers(int threads = 1);
  /// Runs on the host's executor, which outlives the workers.
  explicit Workers(const Executor& executor);
  Workers(Workers&&) = default;
  Workers& operator=(Workers&&) = delete;

  /// The number of workers, the caller of run() included.
  int count() const { return count_; }

  /// Calls body(Team&) on every worker at once and returns when all calls have; with a host's executor, calls it once,
  /// on this thread. The body must not throw. Denormals are zero in it.
  template <class Body>
  void run(Body&& body) {
    const FlushDenormals flush;
    if (executor_.parallel_for) {
      detail::HostTeam team(executor_);
      body(team);
      return;
    }
    if (count_ == 1) {
      Team alone;
      body(alone);
      return;
    }
    const std::lock_guard turn(turn_);
    if (pool_.lost()) start_in_child();
    if (!pool_) {
      Team alone;
      body(alone);
      return;
    }
    pool_->task = [](void* context, Team& team) { (*static_cast<std::remove_reference_t<Body>*>(context))(team); };
    pool_->context = const_cast<void*>(static_cast<const void*>(&body));
    for (int slot = 0; slot < count_; slot++) pool_->shares.reset(0, slot);
    pool_->start();
    detail::PoolTeam team(0, count_, pool_->barrier, pool_->shares);
    body(team);
    pool_->done.arrive_and_wait();
  }

 private:
  struct Shared {
    explicit Shared(int threads)
        : spins(threads > available_cores() ? 0 : 2000),
          barrier(threads, spins),
          done(threads, spins),
          shares(threads),
          count(threads) {}
    void start() {
      generation.fetch_add(1, std::memory_order_release);
      generation.notify_all();
    }
    void end() {
      task = nullptr;
      start();
    }
    void work(int index) {
      const FlushDenormals flush;
      for (std::uint32_t seen = 0;;) {
        detail::wait_change(generation, seen, spins);
        seen++;
        if (!task) return;
        detail::PoolTeam team(index, count, barrier, shares);
        task(context, team);
        done.arrive_and_wait();
      }
    }
    std::atomic<std::uint32_t> generation{0};
    void (*task)(void*, Team&) = nullptr;
    void* context = nullptr;
    int spins;
    detail::Barrier barrier, done;
    detail::Shares shares;
    int count;
  };
  using Pool = detail::ThreadGroup<Shared>;

  static Pool start(int count);

  void start_in_child() noexcept;

  int count_ = 1;
  Executor executor_{};
  detail::Turn turn_;
  Pool pool_;
};

#if STRATA_HAS_BODIES

STRATA_ONCE Workers::Workers(int threads) : count_(threads > 0 ? threads : available_cores()) {
  if (count_ > most)
    throw Error(count_, " threads were requested, but a pool has at most ", most,
                "; more threads than cores do not help");
  if (count_ > 1) pool_ = start(count_);
}

STRATA_ONCE Workers::Workers(const Executor& executor) : count_(executor.slots), executor_(executor) {}

STRATA_ONCE Workers::Pool Workers::start(int count) {
  Pool pool(std::in_place, count);
  pool.start(1, count, {"which computes", "ask for fewer threads"}, [](Shared& shared, int i) { shared.work(i); });
  return pool;
}

STRATA_ONCE void Workers::start_in_child() noexcept {
  pool_ = Pool();
  try {
    pool_ = start(count_);
  } catch (const std::exception&) {  // the result does not depend on it
  }
}

#endif  // STRATA_HAS_BODIES

}  // namespace strata::core
