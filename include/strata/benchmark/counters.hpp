// SPDX-License-Identifier: MIT
// The processor's own counters for the threads of a pool: cycles, instructions, misses. Systems often refuse them, and
// virtual machines often have none; then there are no counts, and a sentence says why.
#pragma once

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdint>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#if defined(__linux__)
#include <linux/perf_event.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

#include <strata/benchmark/first_line.hpp>
#include <strata/core/error.hpp>
#include <strata/core/files/descriptor.hpp>
#include <strata/core/threads/parallel.hpp>

namespace strata::benchmarks {

/// Counts of all threads together, in user mode. Below 0: the machine does not count it.
struct Counts {
  double cycles = -1;            ///< number of core cycles
  double instructions = -1;      ///< number of instructions
  double l1_misses = -1;         ///< number of loads that the first-level caches missed
  double cache_references = -1;  ///< number of accesses to the last-level cache
  double cache_misses = -1;      ///< number of them that went to memory
  double branch_misses = -1;     ///< number of mispredicted branches
};

/// A count with its name, for tables.
struct Counter {
  const char* name;        ///< "cache misses"
  double Counts::*amount;  ///< the member of Counts
};

/// All counts, in the order of Counts.
inline constexpr Counter counters[] = {{"cycles", &Counts::cycles},
                                       {"instructions", &Counts::instructions},
                                       {"L1 misses", &Counts::l1_misses},
                                       {"cache references", &Counts::cache_references},
                                       {"cache misses", &Counts::cache_misses},
                                       {"branch misses", &Counts::branch_misses}};

namespace detail {

inline constexpr int counter_count = int(std::size(counters));

/// Opens a counter of the calling thread, by its index in `counters`; a value of errno, negated, if that fails. Reading
/// it gives three words: the count, and the nanoseconds for which it was wanted and for which it counted.
using OpenCounter = int (*)(int counter);

#if defined(__linux__)

inline int open_counter(int counter) {
  struct Event {
    std::uint32_t type;
    std::uint64_t config;
  };
  constexpr Event events[counter_count] = {
      {PERF_TYPE_HARDWARE, PERF_COUNT_HW_CPU_CYCLES},
      {PERF_TYPE_HARDWARE, PERF_COUNT_HW_INSTRUCTIONS},
      {PERF_TYPE_HW_CACHE,
       PERF_COUNT_HW_CACHE_L1D | PERF_COUNT_HW_CACHE_OP_READ << 8 | PERF_COUNT_HW_CACHE_RESULT_MISS << 16},
      {PERF_TYPE_HARDWARE, PERF_COUNT_HW_CACHE_REFERENCES},
      {PERF_TYPE_HARDWARE, PERF_COUNT_HW_CACHE_MISSES},
      {PERF_TYPE_HARDWARE, PERF_COUNT_HW_BRANCH_MISSES}};
  perf_event_attr asked{};
  asked.size = sizeof asked;
  asked.type = events[counter].type, asked.config = events[counter].config;
  asked.read_format = PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING;
  asked.exclude_kernel = 1, asked.exclude_hv = 1;
  const long file = ::syscall(SYS_perf_event_open, &asked, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);
  return file >= 0 ? int(file) : -errno;
}

#else

inline int open_counter(int) { return -ENOSYS; }

#endif

/// Why a system has no counters: the error of its refusal, and its kernel.perf_event_paranoid, if it has one.
[[gnu::cold]] inline std::string refusal_of(int error, const std::string& paranoid) {
  switch (error) {
    case EACCES:
    case EPERM:
      if (paranoid.empty() || paranoid[0] == '-' || paranoid < "3")
        return "the system does not let this process read hardware counters; in a container, allow perf_event_open, for "
               "example with the capability PERFMON";
      return "the system does not let this process read hardware counters; set kernel.perf_event_paranoid, which is " +
             paranoid + ", to 2 or less";
    case ENOSYS: return "this system has no perf_event_open, or hides it from this process";
    case EMFILE:
    case ENFILE: return "this process may not open the files that hardware counters take; raise its limit (ulimit -n)";
    case ENOENT:
    case ENODEV:
    case ENXIO:
    case EINVAL:
    case EOPNOTSUPP:
      return "this machine has no hardware counters that Linux knows; a virtual machine often hides them";
    default: break;
  }
  return "hardware counters cannot be opened: " + core::reason(error);
}

}  // namespace detail

/// Counts what the threads of a pool do between start() and stop(). The pool's threads must not have changed since the
/// constructor, as they do in a child of fork().
class Counters {
 public:
  /// Opens the counters on every thread of the workers. Where the system refuses, available() is false.
  explicit Counters(core::Workers& workers) : Counters(workers, detail::open_counter) {}
  /// The same through another system call.
  Counters(core::Workers& workers, detail::OpenCounter open) : threads_(workers.count()) {
    std::vector<int> results(std::size_t(threads_) * detail::counter_count, -ENOSYS);
    std::atomic<int> calls{0};
    workers.run([&](core::Team&) {  // once on each thread; with a host's executor, once
      const int thread = calls.fetch_add(1);
      for (int c = 0; thread < threads_ && c < detail::counter_count; c++)
        results[std::size_t(thread * detail::counter_count + c)] = open(c);
    });
    files_.reserve(results.size());
    for (const int result : results) files_.push_back(std::make_unique<core::detail::Descriptor>(result));
    int error = 0;
    for (int c = 0; c < detail::counter_count; c++) {
      bool all = calls == threads_;
      for (int t = 0; t < threads_; t++) {
        const int result = results[std::size_t(t * detail::counter_count + c)];
        all = all && result >= 0;
        if (result < 0 && error == 0) error = -result;
      }
      counted_[c] = all;
      available_ = available_ || all;
    }
    if (available_) {
      before_.resize(files_.size());
      return;
    }
    files_.clear();  // closes them
    why_ = calls != threads_
               ? std::string("the workers run on the threads of the host program's executor, which are not known")
               : detail::refusal_of(error, detail::first_line("/proc/sys/kernel/perf_event_paranoid"));
  }

  /// Whether anything is counted.
  bool available() const { return available_; }
  /// Why nothing is counted, in a sentence without a period; empty if something is.
  const std::string& why() const { return why_; }

  /// Begins to count. Takes some microseconds for each thread.
  void start() {
    for (std::size_t i = 0; i < before_.size(); i++) before_[i] = read(i);
  }
  /// What was counted since start(). Where the processor has fewer counters than are asked for, they take turns, and
  /// the counts are extrapolated from the time that each had.
  Counts stop() const {
    Counts out;
    for (int c = 0; c < detail::counter_count && available_; c++) {
      if (!counted_[c]) continue;
      double sum = 0;
      for (int t = 0; t < threads_ && sum >= 0; t++) {
        const std::size_t at = std::size_t(t * detail::counter_count + c);
        const Reading after = read(at);
        const double wanted = double(after.wanted - before_[at].wanted);
        const double counting = double(after.counting - before_[at].counting);
        const double count = double(after.count - before_[at].count);
        if (counting > 0) sum += count * std::max(1., wanted / counting);
        else if (wanted > 0) sum = -1;  // it never had its turn
      }
      out.*counters[c].amount = sum;
    }
    return out;
  }

 private:
  struct Reading {
    std::uint64_t count = 0, wanted = 0, counting = 0;
  };
  Reading read(std::size_t at) const {
    Reading out;
    if (files_[at]->number < 0 || ::read(files_[at]->number, &out, sizeof out) != ssize_t(sizeof out)) return {};
    return out;
  }

  int threads_;
  bool available_ = false;
  std::string why_;
  bool counted_[detail::counter_count] = {};
  std::vector<std::unique_ptr<core::detail::Descriptor>> files_;  ///< those of a thread are neighbors
  std::vector<Reading> before_;
};

}  // namespace strata::benchmarks
