// SPDX-License-Identifier: MIT
#include <strata/data/read_ahead.hpp>

#include <doctest/doctest.h>

#include <atomic>
#include <memory>

#include "../support/child.hpp"
#include "../support/refusal.hpp"

using namespace strata;
using namespace strata::data;
using namespace strata::testing;

TEST_CASE("every item once, in order, never further ahead than the queue is long") {
  for (const int threads : {1, 4})
    for (const int room : {1, 3, 100}) {
      ReadAhead<int> ahead;
      std::atomic<int> made{0}, furthest{-1}, taken{0};
      ahead.start(threads, room, 50, [&](int number, int& item) {
        if (number >= taken + room) furthest = number;
        item = number * number;
        made++;
      });
      int wrong = 0;
      for (int i = 0; i < 50; i++) {
        wrong += ahead.wait() != i * i;
        taken = i + 1;
        ahead.advance(i + 1);
      }
      CHECK(wrong == 0);
      CHECK(made == 50);
      CHECK(furthest == -1);
    }
}

TEST_CASE("items may be skipped, even while they are being made") {
  for (int round = 0; round < 50; round++) {
    ReadAhead<int> ahead;
    ahead.start(3, 4, 1000, [](int number, int& item) { item = number; });
    int wrong = 0;
    for (int i = 0; i < 1000; i += 1 + i % 7) {
      ahead.advance(i);
      wrong += ahead.wait() != i;
    }
    CHECK(wrong == 0);
  }
}

TEST_CASE("an error waits for its reader and persists") {
  ReadAhead<int> ahead;
  ahead.start(2, 8, 8, [](int number, int& item) {
    if (number == 3) throw Error("item ", number);
    item = number;
  });
  for (int i = 0; i < 3; i++) {
    CHECK(ahead.wait() == i);
    ahead.advance(i + 1);
  }
  CHECK(refuses([&] { ahead.wait(); }, "item 3"));
  CHECK(refuses([&] { ahead.wait(); }, "item 3"));
  ahead.advance(4);
  CHECK(ahead.wait() == 4);
}

TEST_CASE("stopped and restarted at any moment") {
  ReadAhead<int> ahead;
  for (int round = 0; round < 30; round++) {
    ahead.start(2, 3, 20, [round](int number, int& item) { item = 100 * round + number; });
    for (int i = 0; i < round % 20; i++) {
      CHECK(ahead.wait() == 100 * round + i);
      ahead.advance(i + 1);
    }
    if (round % 3 == 0) ahead.stop();
  }
}

TEST_CASE("the n-th thread cannot be started: one sentence, for every n, and a later start goes on") {
  ReadAhead<int> ahead;
  const auto start = [&] { ahead.start(5, 3, 20, [](int number, int& item) { item = number; }); };
  for (int started = 0; started < 5; started++) {
    CAPTURE(started);
    const ThreadLimit limit(started);
    CHECK(refusal(start) == thread_refused(started + 1, 5, "which reads samples ahead", "ask for fewer threads"));
  }
  start();
  ahead.advance(7);
  CHECK(ahead.wait() == 7);
}

TEST_CASE("a forked child is refused what the parent's threads make, and may start over") {
  auto ahead = std::make_unique<ReadAhead<int>>();
  const auto start = [&] { ahead->start(2, 3, 20, [](int number, int& item) { item = number; }); };
  start();
  CHECK(ahead->wait() == 0);
  const std::string why =
      "a forked process has no threads that read its samples ahead; begin an epoch in the process that reads it";
  CHECK(in_child([&] {
          if (refusal([&] { ahead->advance(1); }) != why || refusal([&] { ahead->wait(); }) != why) return 1;
          ahead->stop();
          if (!children_start_threads) return ahead.reset(), 0;
          start();
          if (ahead->wait() != 0) return 2;
          return ahead.reset(), 0;
        }) == 0);
  CHECK(in_child([&] { return ahead.reset(), 0; }) == 0);
  ahead->advance(1);
  CHECK(ahead->wait() == 1);
}
