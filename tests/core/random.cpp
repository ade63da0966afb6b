// SPDX-License-Identifier: MIT
#include <strata/core/random.hpp>

#include <doctest/doctest.h>

#include <set>

using namespace strata;
using namespace strata::core;

TEST_CASE("a stream is its seed and its counter") {
  Random a{7, 0};
  for (int i = 0; i < 5; i++) a.next();
  Random b{7, 5};
  CHECK(a.next() == b.next());
  CHECK(Random{7, 0}.next() != Random{8, 0}.next());
}

TEST_CASE("numbers stay in range and cover it") {
  Random random{1};
  double sum = 0, square = 0;
  int count[6]{};
  for (int i = 0; i < 60000; i++) {
    const float u = random.uniform();
    CHECK_MESSAGE((u >= 0 && u < 1), u);
    sum += u, square += double(u) * u;
    count[random.below(6)]++;
  }
  CHECK(sum / 60000 == doctest::Approx(0.5).epsilon(0.01));
  CHECK(square / 60000 == doctest::Approx(1.0 / 3).epsilon(0.01));
  for (int c : count) CHECK(c == doctest::Approx(10000).epsilon(0.04));
}

TEST_CASE("the upper half of a product of 64-bit numbers") {
  for (std::uint64_t i = 0; i < 200; i++) {
    const std::uint64_t a = i < 100 ? mix(1, i) : i < 150 ? ~0ull - i : i, b = mix(2, i) >> i % 50;
    CHECK(upper_product(a, b) == std::uint64_t((static_cast<unsigned __int128>(a) * b) >> 64));
  }
  CHECK(upper_product(~0ull, ~0ull) == ~0ull - 1);
}

TEST_CASE("neighboring counters and seeds give different words") {
  std::set<std::uint64_t> words;
  for (std::uint64_t seed = 0; seed < 50; seed++)
    for (std::uint64_t counter = 0; counter < 50; counter++) words.insert(mix(seed, counter));
  CHECK(words.size() == 2500);
}

static_assert(uniform(3, 4) >= 0 && uniform(3, 4) < 1);
