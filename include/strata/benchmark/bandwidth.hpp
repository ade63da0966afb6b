// SPDX-License-Identifier: MIT
// Streams over memory on all workers at once: what a level of the caches, or the memory, delivers.
#pragma once

#include <algorithm>

#include <strata/core/arena.hpp>
#include <strata/core/clock.hpp>
#include <strata/core/threads/parallel.hpp>
#include <strata/report/machine_work.hpp>

namespace strata::benchmarks {

/// Memory for streams, a part for each worker, and the streams over it. Rates count only the bytes that the program
/// itself reads and writes, not the lines that a machine fetches in order to overwrite them.
class Streams {
 public:
  /// `bytes` of all workers together, of which a stream uses any part. Touches all of it. Throws std::bad_alloc if
  /// there is too little memory.
  Streams(core::Workers& workers, long bytes)
      : workers_(workers),
        room_(floats_of(bytes)),
        arena_(std::size_t(workers.count()) * std::size_t(room_) * sizeof(float)) {
    on_all([&](float* own) { std::fill_n(own, room_, 1.f); });
  }

  /// GB/s of all workers together that sum up a working set of `bytes` of all workers together. Takes about a
  /// millisecond: a small set is read many times, of a large one the part from `place` (floats of a worker), which then
  /// moves on; begin with 0.
  double read(long bytes, long& place) {
    const long floats = std::min(room_, floats_of(bytes));
    const Part part = next_part(floats, place);
    const double start = core::clock_seconds();
    on_all([&](const float* own) {
      core::simd::Vector sum[vectors];
      for (core::simd::Vector& s : sum) s = core::simd::Vector(0.f);
      for (long k = 0; k < part.times; k++) {
        asm volatile("" ::: "memory");  // every repetition reads
        for (long i = part.begin; i < part.end; i += step)
          core::simd::unroll<vectors>([&](auto v) STRATA_INLINE_LAMBDA {
            sum[v] = sum[v] + core::simd::load(own + i + v * core::simd::lanes);
          });
      }
      core::simd::Vector total(0.f);
      core::simd::unroll<vectors>([&](auto v) STRATA_INLINE_LAMBDA { total = total + sum[v]; });
      volatile float kept = core::simd::sum(total);
      (void)kept;
    });
    return rate(1, part, core::clock_seconds() - start);
  }

  /// The same for a = b + s c, over three arrays of `bytes` together; 0 if they are too few for the workers.
  double triad(long bytes, long& place) {
    const long floats = std::min(room_ / 3 / step * step, floats_of(bytes / 3));
    if (floats == 0) return 0;
    const Part part = next_part(floats, place);
    const double start = core::clock_seconds();
    on_all([&](float* a) { report::stream_triad(a, floats, part.begin, part.end, part.times); });
    return rate(3, part, core::clock_seconds() - start);
  }

 private:
  static constexpr int vectors = report::stream_vectors;
  static constexpr long step = report::stream_step;
  static constexpr long most = 4L << 20;  ///< floats of a stream, of each worker: enough for a fork to cost little

  /// What a call streams over: floats [begin, end), several times.
  struct Part {
    long begin = 0, end = 0, times = 1;
  };
  /// The next part of an array of that many floats.
  static Part next_part(long floats, long& place) {
    if (floats <= most) return {0, floats, most / floats};
    const long begin = place < floats ? place : 0;
    place = std::min(begin + most, floats);
    return {begin, place, 1};
  }
  /// Floats of one worker, in whole steps.
  long floats_of(long bytes) const {
    return std::max(1L, bytes / long(sizeof(float)) / workers_.count() / step) * step;
  }
  double rate(int arrays, const Part& part, double seconds) const {
    return 1e-9 * arrays * double(part.end - part.begin) * double(part.times) * sizeof(float) * workers_.count() /
           std::max(seconds, 1e-9);
  }
  template <class Body>
  void on_all(const Body& body) {
    workers_.run([&](core::Team& team) {
      team.for_each(workers_.count(), [&](int item, int) { body(arena_.floats() + item * room_); });
    });
  }

  core::Workers& workers_;
  long room_;  ///< floats for each worker
  core::Arena arena_;
};

}  // namespace strata::benchmarks
