// SPDX-License-Identifier: MIT
#include <strata/core/random.hpp>
#include <strata/graph/placement.hpp>

#include <doctest/doctest.h>

#include <algorithm>

using namespace strata;
using namespace strata::core;
using namespace strata::graph;

namespace {
constexpr PlaceFirst rules[] = {PlaceFirst::none, PlaceFirst::largest, PlaceFirst::latest_death};

template <int Capacity>
void check_apart(const Allocations<Capacity>& allocations, long high_water) {
  for (int i = 0; i < allocations.count; i++) {
    const Allocation& a = allocations.list[i];
    CHECK(a.offset >= 0);
    CHECK(a.end() <= high_water);
    for (int j = 0; j < i; j++) {
      const Allocation& b = allocations.list[j];
      if (overlap_in_time(a, b)) CHECK((a.end() <= b.offset || b.end() <= a.offset));
    }
  }
}

/// The most floats alive at one time: no placement needs less.
template <int Capacity>
long most_alive(const Allocations<Capacity>& allocations) {
  long most = 0;
  for (int now = 0; now <= Capacity; now++) {
    long alive = 0;
    for (int t = 0; t < allocations.count; t++)
      if (allocations.list[t].birth <= now && now <= allocations.list[t].death) alive += allocations.list[t].size;
    most = std::max(most, alive);
  }
  return most;
}
}  // namespace

TEST_CASE("allocations that live at the same time do not overlap, whatever is placed first") {
  for (std::uint64_t seed = 0; seed < 30; seed++) {
    Allocations<100> allocations;
    for (int birth = 0; birth < 100; birth++) {
      if (mix(seed, std::uint64_t(birth)) % 5 == 0) continue;
      const int t = allocations.add(16 * long(1 + mix(mix(seed, 1), std::uint64_t(birth)) % 40), birth);
      allocations.list[t].death = std::min(100, birth + int(mix(mix(seed, 2), std::uint64_t(birth)) % 30));
    }
    for (const PlaceFirst rule : rules) {
      const auto placed = place(allocations, rule);
      check_apart(placed.allocations, placed.high_water);
      CHECK(placed.high_water >= most_alive(allocations));
      CHECK(placed.high_water <= 2 * most_alive(allocations));
    }
  }
}

TEST_CASE("in order of birth a small value may keep a large one out of a gap; largest first does not") {
  Allocations<4> allocations;
  allocations.list[allocations.add(100, 0)].death = 1;
  allocations.list[allocations.add(10, 1)].death = 3;  // above the first in order of birth
  allocations.list[allocations.add(105, 2)].death = 3;
  CHECK(place(allocations, PlaceFirst::none).high_water == 215);
  CHECK(place(allocations, PlaceFirst::largest).high_water == 115);
}

TEST_CASE("the longest-lived of the large ones are at the bottom") {
  Allocations<8> allocations;
  allocations.list[allocations.add(50, 0)].death = 1;
  allocations.list[allocations.add(20, 1)].death = 7;
  allocations.list[allocations.add(30, 2)].death = 6;
  const auto placed = place(allocations, PlaceFirst::latest_death);
  CHECK(placed.allocations.list[1].offset == 0);
  CHECK(placed.allocations.list[2].offset == 20);
  CHECK(placed.allocations.list[0].offset == 20);
  CHECK(placed.high_water == 70);
}

TEST_CASE("no allocations need no memory") { CHECK(place(Allocations<0>{}, PlaceFirst::largest).high_water == 0); }
