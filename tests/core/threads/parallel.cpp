// SPDX-License-Identifier: MIT
// Threads that cannot be started, forks, callers from several threads. core/team tests teams.
#include <strata/core/threads/parallel.hpp>

#include <doctest/doctest.h>

#include <memory>
#include <optional>
#include <thread>

#include "../../support/child.hpp"
#include "../../support/refusal.hpp"

using namespace strata;
using namespace strata::core;
using namespace strata::testing;

namespace {

/// The sum of all items of two sections: 0 + ... + 99, twice.
int sum(Workers& workers) {
  std::atomic<int> total{0};
  workers.run([&](Team& team) {
    team.for_each(100, [&](int i, int) { total += i; });
    team.for_each(100, [&](int i, int) { total += i; });
  });
  return total;
}
constexpr int right = 9900;

}  // namespace

TEST_CASE("zero threads means one per core of this process") {
  CHECK(Workers(0).count() == available_cores());
  CHECK(Workers(-1).count() == available_cores());
}

TEST_CASE("the n-th thread cannot be started: one sentence, for every n") {
  for (const int count : {2, 3, 8, 32})
    for (int started = 0; started <= count - 1; started++) {
      CAPTURE(count);
      CAPTURE(started);
      const ThreadLimit limit(started);
      std::optional<Workers> workers;
      const std::string why = refusal([&] { workers.emplace(count); });
      if (started < count - 1)
        CHECK(why == thread_refused(started + 2, count, "which computes", "ask for fewer threads"));
      else CHECK(sum(*workers) == right);
    }
}

TEST_CASE("a number of threads that no machine has is refused") {
  CHECK(refusal([] { Workers workers(1'000'000'000); }) ==
        "1000000000 threads were requested, but a pool has at most 65536; more threads than cores do not help");
}

TEST_CASE("more threads than cores do the same work") {
  Workers workers(4 * available_cores() + 1);
  for (int round = 0; round < 20; round++) CHECK(sum(workers) == right);
}

TEST_CASE("a moved pool keeps working, and the one it was moved from computes alone") {
  Workers first(3);
  Workers second(std::move(first));
  CHECK(sum(second) == right);
  CHECK(sum(first) == right);
}

TEST_CASE("several callers take turns") {
  Workers workers(3);
  std::atomic<int> wrong{0};
  std::vector<std::thread> callers;
  callers.reserve(4);
  for (int t = 0; t < 4; t++)
    callers.emplace_back([&] {
      for (int round = 0; round < 50; round++) wrong += sum(workers) != right;
    });
  for (std::thread& caller : callers) caller.join();
  CHECK(wrong == 0);
}

TEST_CASE("a forked child computes, and its own child; the parent goes on") {
  for (const int count : {1, 2, 5}) {
    CAPTURE(count);
    Workers workers(count);
    CHECK(sum(workers) == right);
    CHECK(in_child([&] {
            if (sum(workers) != right || sum(workers) != right) return 1;
            return in_child([&] { return sum(workers) == right ? 0 : 1; });
          }) == 0);
    CHECK(sum(workers) == right);
  }
}

TEST_CASE("a child that can start no thread computes alone") {
  Workers workers(3);
  CHECK(in_child([&] {
          const ThreadLimit limit(children_start_threads ? 1 : 0);
          return sum(workers) == right && sum(workers) == right && workers.count() == 3 ? 0 : 1;
        }) == 0);
}

TEST_CASE("a child of a process that is computing computes too") {
  Workers workers(3);
  std::atomic<bool> runs{false}, ends{false};
  std::thread other([&] {
    workers.run([&](Team& team) {
      team.for_each(3, [&](int, int) {
        runs = true;
        while (!ends) std::this_thread::yield();
      });
    });
  });
  while (!runs) std::this_thread::yield();
  const int status = in_child([&] { return sum(workers) == right ? 0 : 1; });
  ends = true;
  other.join();
  CHECK(status == 0);
  CHECK(sum(workers) == right);
}

TEST_CASE("a child destroys the pool without waiting for any thread") {
  auto workers = std::make_unique<Workers>(3);
  CHECK(sum(*workers) == right);
  CHECK(in_child([&] { return workers.reset(), 0; }) == 0);
  CHECK(in_child([&] { return sum(*workers), workers.reset(), 0; }) == 0);
}
