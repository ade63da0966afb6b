// SPDX-License-Identifier: MIT
// The peaks of this machine for a number of threads, measured: multiply-adds in registers, and traffic with each level
// of the caches and with the memory. They are the roofs of a roofline: no kernel is faster than the lowest one over it.
#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include <strata/benchmark/bandwidth.hpp>
#include <strata/benchmark/caches.hpp>
#include <strata/core/available_memory.hpp>
#include <strata/report/machine_speed.hpp>

namespace strata::benchmarks {

/// What all workers do together.
struct Peaks {
  double gflops = 0;  ///< GFLOP/s in fp32, a multiply-add counts as two operations
  double l1 = 0;      ///< GB/s of reads and writes within the first-level caches; 0: the machine has no such level
  double l2 = 0;      ///< GB/s within the second-level caches; 0: the machine has no such level
  double l3 = 0;      ///< GB/s within the third-level caches; 0: the machine has no such level
  double memory = 0;  ///< GB/s of reads and writes in memory, 10^9 bytes per second
  int threads = 1;    ///< number of workers
  Caches caches{};    ///< that they use
};

/// Where data are.
enum class Level {
  l1,     ///< in the first-level caches
  l2,     ///< in the second-level caches
  l3,     ///< in the third-level caches
  memory  ///< in none of them
};

/// All levels, the fastest first.
inline constexpr Level levels[] = {Level::l1, Level::l2, Level::l3, Level::memory};

/// "L1", "L2", "L3" or "memory".
constexpr const char* name(Level level) {
  switch (level) {
    case Level::l1: return "L1";
    case Level::l2: return "L2";
    case Level::l3: return "L3";
    case Level::memory: break;
  }
  return "memory";
}

/// GB/s of a level; 0: the machine has no such level.
constexpr double bandwidth(const Peaks& peaks, Level level) {
  switch (level) {
    case Level::l1: return peaks.l1;
    case Level::l2: return peaks.l2;
    case Level::l3: return peaks.l3;
    case Level::memory: break;
  }
  return peaks.memory;
}

/// Bytes that the workers' caches of a level hold together; 0: the machine has no such level. The memory holds
/// everything.
inline double capacity(const Peaks& peaks, Level level) {
  switch (level) {
    case Level::l1: return double(peaks.caches.l1.bytes_of(peaks.threads));
    case Level::l2: return double(peaks.caches.l2.bytes_of(peaks.threads));
    case Level::l3: return double(peaks.caches.l3.bytes_of(peaks.threads));
    case Level::memory: break;
  }
  return HUGE_VAL;
}

/// The fastest level that holds a working set of `bytes`, of all workers together.
inline Level level_of(const Peaks& peaks, double bytes) {
  for (const Level level : levels)
    if (bandwidth(peaks, level) > 0 && bytes <= capacity(peaks, level)) return level;
  return Level::memory;
}

/// The least time of some work, and what sets it.
struct Roof {
  double seconds = 0;        ///< 0: no roof is known
  const char* name = "FMA";  ///< "FMA", "L1", "L2", "L3" or "memory"
};

/// The roof of work that takes `flops` operations and moves `bytes`, over a working set of that many bytes of all
/// workers together. The bytes are taken to come from the fastest level that holds the working set.
inline Roof roof(const Peaks& peaks, double flops, double bytes, double working_set) {
  const Level level = level_of(peaks, working_set);
  const double products = peaks.gflops > 0 ? 1e-9 * flops / peaks.gflops : 0;
  const double traffic = bandwidth(peaks, level) > 0 ? 1e-9 * bytes / bandwidth(peaks, level) : 0;
  return products >= traffic ? Roof{products, "FMA"} : Roof{traffic, benchmarks::name(level)};
}

namespace detail {

/// A working set that fits well into a level of `own` bytes, and badly into the levels before it, of `lower` bytes.
inline long working_set_of(long own, long lower) {
  const double middle = std::sqrt(double(own) * double(std::max(lower, 1L << 12)));
  return long(std::max(middle, std::min(2. * double(lower), double(lower) + double(own) / 2)));
}

/// A working set that the caches do not hold, within a quarter of the free memory: streams over it pass by all of it
/// before they come back.
inline long memory_working_set(long caches) {
  const long wanted = std::clamp(2 * caches, 128L << 20, 1L << 30), free = core::available_memory();
  return free < 0 ? wanted : std::clamp(free / 4, 1L << 20, wanted);
}

/// Measures with the given caches, and `memory` bytes for the memory.
inline Peaks measure_peaks(core::Workers& workers, double seconds, const Caches& caches, long memory) {
  Peaks out{.threads = workers.count(), .caches = caches};
  struct Measured {
    double* rate;
    long bytes, read_place = 0, triad_place = 0;
  };
  std::vector<Measured> all;
  long lower = 0;
  const auto add = [&](double& rate, const Cache& cache) {
    const long own = cache.bytes_of(out.threads);
    if (own <= lower) return;
    all.push_back({&rate, working_set_of(own, lower)});
    lower = own;
  };
  add(out.l1, caches.l1), add(out.l2, caches.l2), add(out.l3, caches.l3);
  all.push_back({&out.memory, memory});
  long room = 0;
  for (const Measured& m : all) room = std::max(room, m.bytes);
  Streams streams(workers, room);
  // Rounds, so that a busy moment does not fall on one peak alone.
  const double start = core::clock_seconds();
  for (int round = 0; round < 3 || core::clock_seconds() - start < seconds; round++) {
    out.gflops = std::max(out.gflops, report::peak_gflops(workers, 2));
    for (Measured& m : all)
      *m.rate = std::max({*m.rate, streams.read(m.bytes, m.read_place), streams.triad(m.bytes, m.triad_place)});
  }
  return out;
}

}  // namespace detail

/// Measures the peaks of the workers for about `seconds`, and at least three times each; the best counts. Takes up to
/// 1 GiB, which is touched first, and at most a quarter of the free memory. Throws std::bad_alloc without it.
inline Peaks measure_peaks(core::Workers& workers, double seconds = 1) {
  const Caches caches = caches_of_this_machine();
  const int threads = workers.count();
  const long largest =
      std::max({caches.l1.bytes_of(threads), caches.l2.bytes_of(threads), caches.l3.bytes_of(threads)});
  return detail::measure_peaks(workers, seconds, caches, detail::memory_working_set(largest));
}

}  // namespace strata::benchmarks
