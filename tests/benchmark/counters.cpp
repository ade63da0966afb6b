// SPDX-License-Identifier: MIT
#include <strata/benchmark/counters.hpp>

#include <doctest/doctest.h>

#include <mutex>

using namespace strata;
using namespace strata::benchmarks;

namespace {

/// A counter whose every reading is taken from a pipe: first 100 counts, then `after`.
int piped(std::uint64_t after, std::uint64_t wanted, std::uint64_t counting) {
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  const std::uint64_t readings[] = {100, 10, 10, after, 10 + wanted, 10 + counting};
  REQUIRE(::write(ends[1], readings, sizeof readings) == ssize_t(sizeof readings));
  ::close(ends[1]);
  return ends[0];
}

std::mutex mutex;
int opened = 0;

}  // namespace

TEST_CASE("what a processor counts is counted for all threads, or a sentence says why not") {
  core::Workers workers(2);
  Counters counters(workers);
  counters.start();
  workers.run([](core::Team& team) {
    team.for_each(2, [](int, int) {
      volatile double sum = 0;
      for (int i = 0; i < 100'000; i++) sum = sum + i;
    });
  });
  const Counts counts = counters.stop();
  if (counters.available()) {
    CHECK(counters.why().empty());
    bool any = false;
    for (const Counter& c : benchmarks::counters) any = any || counts.*c.amount >= 0;
    CHECK(any);
    if (counts.instructions >= 0) CHECK(counts.instructions > 200'000);
  } else {
    CHECK(counters.why().size() > 20);
    CHECK(counters.why().back() != '.');
    for (const Counter& c : benchmarks::counters) CHECK(counts.*c.amount < 0);
    MESSAGE(counters.why());
  }
}

TEST_CASE("counts of the threads are added, and extrapolated where counters took turns") {
  core::Workers workers(2);
  const auto open = [](int counter) {
    switch (counter) {
      case 0: return piped(1100, 50, 50);
      case 1: return piped(1100, 50, 25);
      case 2: return piped(100, 50, 0);  // it never had its turn
      case 3: return piped(100, 0, 0);   // the threads did not run
      default: return -ENOENT;
    }
  };
  Counters counters(workers, open);
  REQUIRE(counters.available());
  counters.start();
  const Counts counts = counters.stop();
  CHECK(counts.cycles == 2000);
  CHECK(counts.instructions == 4000);
  CHECK(counts.l1_misses == -1);
  CHECK(counts.cache_references == 0);
  CHECK(counts.cache_misses == -1);
  CHECK(counts.branch_misses == -1);
}

TEST_CASE("a counter that only some threads have is not counted") {
  core::Workers workers(2);
  opened = 0;
  Counters counters(workers, [](int counter) {
    const std::lock_guard lock(mutex);
    return counter == 0 && opened++ == 0 ? piped(200, 1, 1) : counter == 1 ? piped(200, 1, 1) : -ENODEV;
  });
  REQUIRE(counters.available());
  counters.start();
  const Counts counts = counters.stop();
  CHECK(counts.cycles == -1);
  CHECK(counts.instructions == 200);
}

TEST_CASE("each refusal has its sentence") {
  const auto says = [](int error, const char* paranoid, const char* part) {
    return benchmarks::detail::refusal_of(error, paranoid).find(part) != std::string::npos;
  };
  CHECK(says(EACCES, "4", "kernel.perf_event_paranoid, which is 4, to 2 or less"));
  CHECK(says(EPERM, "2", "capability PERFMON"));
  CHECK(says(EPERM, "-1", "capability PERFMON"));
  CHECK(says(EPERM, "", "capability PERFMON"));
  CHECK(says(ENOSYS, "2", "no perf_event_open"));
  CHECK(says(ENOENT, "2", "virtual machine"));
  CHECK(says(EMFILE, "2", "ulimit -n"));
  CHECK(says(ENOMEM, "2", "Cannot allocate memory"));
}

TEST_CASE("threads of a host's executor are not known, and nothing is counted") {
  core::Executor executor{.slots = 2, .parallel_for = [](void*, int count, void (*body)(void*, int), void* context) {
                            for (int i = 0; i < count; i++) body(context, i);
                          }};
  core::Workers workers(executor);
  Counters counters(workers, [](int) { return piped(1, 1, 1); });
  CHECK(!counters.available());
  CHECK(counters.why().find("executor") != std::string::npos);
  counters.start();
  CHECK(counters.stop().cycles == -1);
}
