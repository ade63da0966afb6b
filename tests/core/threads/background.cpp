// SPDX-License-Identifier: MIT
#include <strata/core/threads/background.hpp>

#include <doctest/doctest.h>

#include "../../support/refusal.hpp"

#include <atomic>
#include <chrono>
#include <thread>

using namespace strata;
using namespace strata::core;

namespace {

constexpr detail::ThreadPurpose purpose{"which is tested", "end other programs"};

struct Counted {
  int calls = 0;
  std::thread::id thread;
  static void count(void* self) {
    auto& counted = *static_cast<Counted*>(self);
    counted.calls++;
    counted.thread = std::this_thread::get_id();
  }
};

}  // namespace

TEST_CASE("one thread does one thing after another") {
  Background background;
  background.wait();  // for nothing
  Counted counted;
  background.start(Counted::count, &counted, purpose);
  background.wait();
  CHECK(counted.calls == 1);
  const std::thread::id first = counted.thread;
  CHECK(first != std::this_thread::get_id());
  for (int i = 0; i < 100; i++) {
    background.start(Counted::count, &counted, purpose);
    background.wait();
  }
  CHECK(counted.calls == 101);
  CHECK(counted.thread == first);
}

TEST_CASE("what it throws is thrown where it is waited for, once") {
  Background background;
  background.start([](void*) { throw Error("no luck"); }, nullptr, purpose);
  CHECK(testing::refuses([&] { background.wait(); }, "no luck"));
  background.wait();
  Counted counted;
  background.start(Counted::count, &counted, purpose);
  background.wait();
  CHECK(counted.calls == 1);
}

TEST_CASE("what has begun is finished before its owner ends") {
  std::atomic<int> step = 0;
  {
    Background background;
    background.start(
        [](void* at) {
          auto& own = *static_cast<std::atomic<int>*>(at);
          own = 1;
          std::this_thread::sleep_for(std::chrono::milliseconds(20));
          own = 2;
        },
        &step, purpose);
    while (step == 0) std::this_thread::yield();
  }
  CHECK(step == 2);
}
