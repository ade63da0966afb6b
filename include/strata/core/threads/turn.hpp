// SPDX-License-Identifier: MIT
// A lock that a fork cannot leave locked: the child does not inherit locks held by threads of the parent. Uncontended,
// it costs two atomic operations.
#pragma once

#include <atomic>
#include <cstdint>

#include <strata/core/threads/thread_group.hpp>

namespace strata::core::detail {

class Turn {
 public:
  Turn() { watch_forks(); }
  Turn(Turn&&) noexcept {}  // an object being moved is not locked; it watches forks already

  /// Returns whether the last holder was lost in a fork and may have left the guarded state inconsistent.
  bool lock() {
    const std::uint32_t held = now() + 1, awaited = now() + 2;
    std::uint32_t wanted = held;
    for (std::uint32_t seen = word_.load(std::memory_order_relaxed);;) {
      if (seen != held && seen != awaited) {
        if (word_.compare_exchange_weak(seen, wanted, std::memory_order_acquire)) return seen % 4 != 0;
      } else if (seen == awaited || word_.compare_exchange_weak(seen, awaited, std::memory_order_relaxed)) {
        word_.wait(awaited, std::memory_order_relaxed);
        wanted = awaited;  // there may be other waiters
        seen = word_.load(std::memory_order_relaxed);
      }
    }
  }

  void unlock() {
    if (word_.exchange(now(), std::memory_order_release) % 4 == 2) word_.notify_one();
  }

 private:
  static std::uint32_t now() { return 4 * forks.load(std::memory_order_relaxed); }

  std::atomic<std::uint32_t> word_{0};  ///< 4 x forks + 0: free, 1: held, 2: held with waiters
};

}  // namespace strata::core::detail
