// SPDX-License-Identifier: MIT
#include <strata/benchmark/peaks.hpp>

#include <doctest/doctest.h>

#include <string>

using namespace strata;
using namespace strata::benchmarks;

namespace {

Peaks made() {
  return {.gflops = 100,
          .l1 = 1000,
          .l2 = 500,
          .l3 = 50,
          .memory = 10,
          .threads = 2,
          .caches = {{32 << 10, 2}, {1 << 20, 2}, {32 << 20, 1}}};
}

}  // namespace

TEST_CASE("a working set is in the fastest level that holds it in the caches of all workers") {
  const Peaks p = made();
  CHECK(level_of(p, 0) == Level::l1);
  CHECK(level_of(p, 64 << 10) == Level::l1);
  CHECK(level_of(p, (64 << 10) + 1) == Level::l2);
  CHECK(level_of(p, 2 << 20) == Level::l2);
  CHECK(level_of(p, 32 << 20) == Level::l3);
  CHECK(level_of(p, 33 << 20) == Level::memory);
  Peaks without = made();
  without.l3 = 0, without.caches.l3 = {};
  CHECK(level_of(without, 3 << 20) == Level::memory);
}

TEST_CASE("a roof is the longest of what products and traffic need at least") {
  const Peaks p = made();
  const Roof products = roof(p, 1e9, 1e6, 1e4), traffic = roof(p, 1e6, 1e9, 1e4), far = roof(p, 1e6, 1e9, 1e9);
  CHECK(std::string(products.name) == "FMA");
  CHECK(products.seconds == doctest::Approx(0.01));
  CHECK(std::string(traffic.name) == "L1");
  CHECK(traffic.seconds == doctest::Approx(1e-3));
  CHECK(std::string(far.name) == "memory");
  CHECK(far.seconds == doctest::Approx(0.1));
  CHECK(std::string(roof(p, 0, 1e6, 1e6).name) == "L2");
  CHECK(std::string(roof(p, 0, 1e6, 1e7).name) == "L3");
  CHECK(roof(p, 0, 0, 0).seconds == 0);
  CHECK(roof({}, 1e9, 1e9, 1e9).seconds == 0);
}

TEST_CASE("a level is measured with a set that fits into it and not into the one before") {
  CHECK(benchmarks::detail::working_set_of(48 << 10, 0) < 24 << 10);
  for (const auto& [own, lower] : {std::pair{2L << 20, 48L << 10}, {32L << 20, 1L << 20}, {260L << 20, 4L << 20}}) {
    CHECK(benchmarks::detail::working_set_of(own, lower) >= 2 * lower);
    CHECK(benchmarks::detail::working_set_of(own, lower) <= own / 2);
  }
  CHECK(benchmarks::detail::working_set_of(3 << 19, 1 << 20) > 1 << 20);  // a level hardly larger than the one before
  CHECK(benchmarks::detail::working_set_of(3 << 19, 1 << 20) <= 7 << 18);
  CHECK(benchmarks::detail::memory_working_set(1 << 20) <= 128 << 20);
}

TEST_CASE("peaks are measured for each level that the machine has, on one thread and on two") {
  const Caches caches{{16 << 10, 2}, {128 << 10, 2}, {}};
  for (const int threads : {1, 2}) {
    core::Workers workers(threads);
    const Peaks p = benchmarks::detail::measure_peaks(workers, 0, caches, 4 << 20);
    CHECK(p.threads == threads);
    CHECK(p.gflops > 0.01);
    CHECK(p.l1 > 0.01);
    CHECK(p.l2 > 0.01);
    CHECK(p.l3 == 0);
    CHECK(p.memory > 0.01);
    CHECK(roof(p, 1, 1, 1).seconds > 0);
  }
}

TEST_CASE("streams over a set larger than a part of it move on, and begin again at its end") {
  core::Workers workers(1);
  Streams streams(workers, 80 << 20);
  long place = 0;
  CHECK(streams.read(40 << 20, place) > 0);
  CHECK(place == 4 << 20);
  CHECK(streams.read(40 << 20, place) > 0);
  CHECK(place == 8 << 20);
  CHECK(streams.read(40 << 20, place) > 0);
  CHECK(place == (40 << 20) / 4);
  CHECK(streams.read(40 << 20, place) > 0);
  CHECK(place == 4 << 20);
  long small = 0;
  CHECK(streams.triad(24 << 10, small) > 0);
  CHECK(small == 0);
  CHECK(streams.read(1L << 40, place) > 0);  // no more than there is
}
