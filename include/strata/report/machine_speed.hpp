// SPDX-License-Identifier: MIT
// How fast this machine is: multiply-adds in registers, and traffic over working sets from a second-level cache's size
// to the memory's, for a number of threads at once. The best of several short stretches, since other programs may run.
#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include <strata/core/arena.hpp>
#include <strata/core/available_memory.hpp>
#include <strata/core/clock.hpp>
#include <strata/core/threads/parallel.hpp>
#include <strata/report/machine_work.hpp>

namespace strata::report {

/// GB/s over a working set, of all threads together. Only the bytes that the program itself reads and writes count.
struct Bandwidth {
  long bytes = 0;                   ///< of the working set, per thread
  double gigabytes_per_second = 0;  ///< of reads and writes together

  bool operator==(const Bandwidth&) const = default;
};

/// What `threads` threads do at once.
struct MachineSpeed {
  int threads = 1;
  double gflops = 0;                   ///< fp32, a multiply-add counts as two operations
  std::vector<Bandwidth> bandwidth{};  ///< the smallest working set first

  bool operator==(const MachineSpeed&) const = default;

  /// GB/s over a working set of `bytes` per thread, between the measured ones on logarithmic scales; 0: not measured.
  double bandwidth_over(double bytes) const {
    if (bandwidth.empty()) return 0;
    std::size_t above = 0;
    while (above < bandwidth.size() && double(bandwidth[above].bytes) < bytes) above++;
    if (above == 0) return bandwidth.front().gigabytes_per_second;
    if (above == bandwidth.size()) return bandwidth.back().gigabytes_per_second;
    const Bandwidth &low = bandwidth[above - 1], &high = bandwidth[above];
    const double share = std::log(bytes / double(low.bytes)) / std::log(double(high.bytes) / double(low.bytes));
    return low.gigabytes_per_second * std::pow(high.gigabytes_per_second / low.gigabytes_per_second, share);
  }
};

namespace detail {

/// The shortest time of several calls.
template <class Body>
double best_seconds(int calls, const Body& body) {
  double best = HUGE_VAL;
  for (int k = 0; k < calls; k++) {
    const double start = core::clock_seconds();
    body();
    best = std::min(best, core::clock_seconds() - start);
  }
  return best;
}

}  // namespace detail

/// GFLOP/s of multiply-adds in registers on all workers at once.
inline double peak_gflops(core::Workers& workers, int stretches = 10) {
  constexpr int steps = 200'000;
  const double seconds = detail::best_seconds(stretches, [&] {
    workers.run(
        [&](core::Team& team) { team.for_each(workers.count(), [](int, int) { multiply_in_registers(steps); }); });
  });
  return 2e-9 * multiply_chains * steps * core::simd::lanes * workers.count() / seconds;
}

/// GB/s of a = b + s c on all workers at once, each on arrays of its own; `bytes`: of the three, per worker. Throws
/// std::bad_alloc without memory for them.
inline double stream_gigabytes_per_second(core::Workers& workers, long bytes, int stretches = 10) {
  const long floats = std::max(1L, bytes / (3 * stream_step * long(sizeof(float)))) * stream_step;
  const long repetitions = std::max(1L, (4L << 20) / (3 * floats));
  const core::Arena arena(std::size_t(workers.count()) * std::size_t(3 * floats) * sizeof(float));
  float* const all = arena.floats();
  const auto on_all = [&](const auto& body) {
    workers.run([&](core::Team& team) {
      team.for_each(workers.count(), [&](int item, int) { body(all + long(item) * 3 * floats); });
    });
  };
  on_all([&](float* own) { std::fill_n(own, 3 * floats, 1.f); });  // the first touch, by the thread that uses them
  const double seconds = detail::best_seconds(
      stretches, [&] { on_all([&](float* a) { stream_triad(a, floats, 0, floats, repetitions); }); });
  return 1e-9 * 3 * double(floats) * sizeof(float) * double(repetitions) * workers.count() / seconds;
}

/// The speed of `threads` threads. Takes about a second, and at most a quarter of the free memory. Throws Error if the
/// threads cannot be started.
inline MachineSpeed measure_speed(int threads) {
  core::Workers workers(threads);
  MachineSpeed out{workers.count(), peak_gflops(workers, 50), {}};
  const long free = core::available_memory();
  for (long bytes = 256L << 10; bytes <= 256L << 20; bytes *= 4) {
    if (free >= 0 && bytes > 1L << 20 && bytes * workers.count() > free / 4) break;
    out.bandwidth.push_back({bytes, stream_gigabytes_per_second(workers, bytes)});
  }
  return out;
}

}  // namespace strata::report
