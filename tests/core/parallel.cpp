// SPDX-License-Identifier: MIT
#include <strata/core/parallel.hpp>

#include <doctest/doctest.h>

#include <numeric>
#include <thread>
#include <vector>

using namespace strata;

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

TEST_CASE("a slot's items are contiguous and belong to one worker") {
  Workers workers(3);
  std::vector<int> slot(10, -1);
  std::vector<std::thread::id> id(10);
  workers.run([&](Team& team) {
    CHECK(team.slots() == 3);
    team.for_each(10, [&](int i, int s) { slot[i] = s, id[i] = std::this_thread::get_id(); });
  });
  CHECK(slot == std::vector<int>{0, 0, 0, 1, 1, 1, 2, 2, 2, 2});
  for (int i = 1; i < 10; i++) CHECK((id[i] == id[i - 1]) == (slot[i] == slot[i - 1]));
}

TEST_CASE("a host's executor gets one parallel-for a section, in any order") {
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

TEST_CASE("zero threads means all of the machine") { CHECK(Workers(0).count() == Workers::hardware()); }
