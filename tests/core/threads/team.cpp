// SPDX-License-Identifier: MIT
#include <strata/core/threads/parallel.hpp>

#include <doctest/doctest.h>

#include <numeric>
#include <thread>
#include <vector>

using namespace strata;
using namespace strata::core;

TEST_CASE("every item is done once, sections follow one another") {
  for (int threads : {1, 2, 3, 5}) {
    CAPTURE(threads);
    Workers workers(threads);
    CHECK(workers.count() == threads);
    std::vector<int> done(101);
    std::atomic<int> once{0};
    for (int round = 0; round < 200; round++)
      workers.run([&](Team& team) {
        team.for_each(101, [&](int i, int) { done[i]++; });
        team.for_each(101, [&](int i, int) { done[100 - i] += 2; });  // other items than before: needs the barrier
        team.once([&] { once++; });
        team.for_each(0, [&](int, int) { done[0] = -1; });
      });
    for (int count : done) CHECK(count == 600);
    CHECK(once == 200);
  }
}

TEST_CASE("a thread that finishes early takes items from the others") {
  Workers workers(3);
  std::vector<std::atomic<int>> done(60);
  std::atomic<int> of_first{0};
  std::atomic<bool> free{false};
  workers.run([&](Team& team) {
    CHECK(team.slots() == 3);
    for (int round = 0; round < 5; round++)
      team.for_each(60, [&](int i, int slot) {
        if (round == 0 && slot == 0)  // held up until everything else is done
          while (!free) std::this_thread::yield();
        if (round == 0 && slot == 0) of_first++;
        if (++done[std::size_t(i)] && round == 0 && slot != 0) {
          int total = 0;
          for (auto& d : done) total += d;
          if (total >= 59) free = true;
        }
      });
  });
  for (auto& d : done) CHECK(d == 5);
  CHECK(of_first <= 1);
}

TEST_CASE("a host's executor gets one parallel-for per section, in any order") {
  struct Host {
    int calls = 0;
  } host;
  Executor executor{&host, 4, [](void* h, int count, void (*body)(void*, int), void* context) {
                      static_cast<Host*>(h)->calls++;
                      for (int i = count; i-- > 0;) body(context, i);  // backwards: no task may wait for another
                    }};
  Workers workers(executor);
  CHECK(workers.count() == 4);
  std::vector<int> done(9);
  workers.run([&](Team& team) {
    CHECK(team.slots() == 4);
    team.for_each(9, [&](int i, int) { done[i]++; });
    team.once([&] { done[0] += 10; });
    team.for_each(9, [&](int i, int) { done[i] *= 2; });
  });
  CHECK(host.calls == 2);
  CHECK(done == std::vector<int>{22, 2, 2, 2, 2, 2, 2, 2, 2});
}
