// SPDX-License-Identifier: MIT
// Control cases: fixed amounts of work that no change of the library or of a network makes slower. A benchmark program
// registers them beside its own cases, so that a comparison of two runs of it can tell a slower program from a slower
// machine (verdict.hpp).
#pragma once

#include <algorithm>

#include <strata/core/arena.hpp>
#include <strata/core/formulas/simd.hpp>
#include <strata/core/threads/parallel.hpp>
#include <strata/report/machine_work.hpp>

namespace strata::benchmarks {

/// What the names of control cases begin with; no other case may have such a name.
inline constexpr const char* control_prefix = "machine/";

/// "machine/fma": multiply-adds in registers on every worker, about a millisecond. Slower where the clock of the cores
/// is, or where other programs take them.
class FmaControl {
 public:
  static constexpr const char* name = "machine/fma";  ///< of the case

  /// On these workers, which outlive it.
  explicit FmaControl(core::Workers& workers) : workers_(workers) {}

  /// Runs the work once.
  void operator()() const {
    workers_.run([&](core::Team& team) {
      team.for_each(workers_.count(), [](int, int) { report::multiply_in_registers(steps); });
    });
  }
  /// Operations of one run; a multiply-add counts as two.
  double flops() const { return 2. * report::multiply_chains * steps * core::simd::lanes * workers_.count(); }

 private:
  static constexpr int steps = 400'000;

  core::Workers& workers_;
};

/// "machine/memory": every worker adds an array of 32 MiB of its own to another one. Slower where other programs take
/// the bandwidth of the memory or the third-level cache.
class MemoryControl {
 public:
  static constexpr const char* name = "machine/memory";  ///< of the case

  /// On these workers, which outlive it. Takes 64 MiB for each. Throws std::bad_alloc without it.
  explicit MemoryControl(core::Workers& workers)
      : workers_(workers), arena_(std::size_t(workers.count()) * 2 * floats * sizeof(float)) {
    on_all([](float* own) { std::fill_n(own, 2 * floats, 0.f); });
  }

  /// Runs the work once.
  void operator()() const {
    on_all([](float* own) {
      for (long i = 0; i < floats; i += core::simd::lanes)
        core::simd::store(own + i, core::simd::load(own + i) + core::simd::load(own + floats + i));
    });
  }
  /// Bytes that one run reads and writes.
  double bytes() const { return 3. * floats * sizeof(float) * workers_.count(); }

 private:
  static constexpr long floats = 8L << 20;

  template <class Body>
  void on_all(const Body& body) const {
    workers_.run([&](core::Team& team) {
      team.for_each(workers_.count(), [&](int item, int) { body(arena_.floats() + item * 2 * floats); });
    });
  }

  core::Workers& workers_;
  core::Arena arena_;
};

}  // namespace strata::benchmarks
