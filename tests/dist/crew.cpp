// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <strata/dist/crew.hpp>

#include "../support/child.hpp"
#include "../support/refusal.hpp"

#include <atomic>
#include <optional>
#include <thread>

using namespace strata;
using dist::Crew;

TEST_CASE("each thread does its own part, always the same thread") {
  Crew crew(3);
  std::thread::id who[3];
  crew.run([&](int i) { who[i] = std::this_thread::get_id(); });
  CHECK(who[0] != who[1]);
  CHECK(who[1] != who[2]);
  for (int round = 0; round < 100; round++) {
    std::atomic<int> sum{0};
    crew.run([&](int i) {
      if (who[i] == std::this_thread::get_id()) sum += 1 << i;
    });
    REQUIRE(sum == 7);
  }
}

TEST_CASE("no thread leaves a meeting before all have come") {
  Crew crew(4);
  std::atomic<int> came{0}, early{0};
  crew.run([&](int) {
    for (int meeting = 1; meeting <= 50; meeting++) {
      came++;
      crew.barrier();
      if (came < 4 * meeting) early++;
      crew.barrier();
    }
  });
  CHECK(came == 200);
  CHECK(early == 0);
}

TEST_CASE("the first failure is thrown, and a meeting lets the others go") {
  Crew crew(3);
  const std::string why = testing::refusal([&] {
    crew.run([&](int i) {
      if (i == 1) throw Error("device 1 is gone");
      crew.barrier();
    });
  });
  CHECK(why == "device 1 is gone");
  std::atomic<int> worked{0};
  crew.run([&](int i) {
    if (i == 0) worked++;
  });  // the crew still works
  CHECK(worked == 1);
}

TEST_CASE("a thread that waits outside a meeting for one that failed is released") {
  Crew crew(2);
  std::atomic<bool> released{false};
  const std::string why = testing::refusal([&] {
    crew.run(
        [&](int i) {
          if (i == 0) throw Error("device 0 is gone");
          while (!released) std::this_thread::yield();
          CHECK(crew.failed());
        },
        [&] { released = true; }, std::chrono::milliseconds(20));
  });
  CHECK(why == "device 0 is gone");
  CHECK(released);
}

TEST_CASE("a thread that ends by itself is not released") {
  Crew crew(2);
  bool released = false;
  const std::string why = testing::refusal([&] {
    crew.run(
        [&](int i) {
          if (i == 0) throw Error("device 0 is gone");
          while (!crew.failed()) std::this_thread::yield();
        },
        [&] { released = true; });
  });
  CHECK(why == "device 0 is gone");
  CHECK_FALSE(released);
}

TEST_CASE("the n-th thread cannot be started: one sentence, for every n") {
  for (int started = 0; started <= 4; started++) {
    CAPTURE(started);
    const testing::ThreadLimit limit(started);
    std::optional<Crew> crew;
    const std::string why = testing::refusal([&] { crew.emplace(4); });
    if (started < 4) CHECK(why == testing::thread_refused(started + 1, 4, "one for each device", "use fewer devices"));
    else CHECK(crew->size() == 4);
  }
}

TEST_CASE("a forked child is refused, and destroys the crew without waiting") {
  auto crew = std::make_unique<Crew>(2);
  crew->run([](int) {});
  std::string why;
  CHECK(testing::in_child([&] {
          why = testing::refusal([&] { crew->run([](int) {}); });
          crew.reset();
          return why == "a forked process has no threads for its devices; make the model in the process that uses it"
                     ? 0
                     : 1;
        }) == 0);
  crew->run([](int) {});
}
