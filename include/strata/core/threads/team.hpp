// SPDX-License-Identifier: MIT
// The interface of a network's step to the threads that run it. A step is one fork; the threads meet after each
// section. A kernel sees only this class, which needs no thread: a predictor runs its kernels with a team of one. Teams
// of several threads are in core/threads/teams.hpp.
#pragma once

#include <type_traits>

namespace strata::core {

/// Runs the sections of a step, one after another, by distributing their items among the threads. All threads run the
/// same step. A slot identifies the thread, and thereby the private scratch area that a body may use while it runs.
class Team {
 public:
  /// Calls a section's body for the items [first, end), in order.
  using Items = void (*)(void* body, int first, int end, int slot);

  /// A single thread.
  Team() = default;

  /// The number of slots, and so of private scratch areas.
  int slots() const { return slots_; }

  /// Calls body(item, slot) once for each item in [0, items) and returns when all are done. Calls with the same slot
  /// never overlap; which slot an item gets may vary.
  template <class Body>
  void for_each(int items, Body&& body) {
    using Plain = std::remove_reference_t<Body>;
    distribute_(
        *this, items,
        [](void* pointer, int first, int end, int slot) {
          Plain& call = *static_cast<Plain*>(pointer);
          for (int item = first; item < end; item++) call(item, slot);
        },
        const_cast<void*>(static_cast<const void*>(&body)));
  }

  /// Calls body() on one thread; the others wait.
  template <class Body>
  void once(Body&& body) {
    if (calls_once_) body();
    if (meet_) meet_(*this);
  }

 protected:
  /// How a section's items are distributed: calls `run` for each of them, and returns when all threads have.
  using Distribute = void (*)(Team&, int items, Items run, void* body);
  /// Waits for the other threads.
  using Meet = void (*)(Team&);

  /// One of several threads, or of a host's. calls_once: whether this thread calls the bodies of once().
  Team(int slots, Distribute distribute, Meet meet, bool calls_once)
      : distribute_(distribute), meet_(meet), slots_(slots), calls_once_(calls_once) {}

 private:
  static void run_alone(Team&, int items, Items run, void* body) { run(body, 0, items, 0); }

  Distribute distribute_ = run_alone;
  Meet meet_ = nullptr;
  int slots_ = 1;
  bool calls_once_ = true;
};

}  // namespace strata::core
