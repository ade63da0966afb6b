// SPDX-License-Identifier: MIT
#include <strata/core/random.hpp>
#include <strata/graph/placement.hpp>

#include <doctest/doctest.h>

#include <algorithm>

using namespace strata;
using namespace strata::graph;

namespace {
constexpr PlaceFirst rules[] = {PlaceFirst::none, PlaceFirst::largest, PlaceFirst::longest_living};

template <int Capacity>
void check_apart(const Tenants<Capacity>& tenants, long high_water) {
  for (int i = 0; i < tenants.count; i++) {
    const Tenant& a = tenants.list[i];
    CHECK(a.offset >= 0);
    CHECK(a.end() <= high_water);
    for (int j = 0; j < i; j++) {
      const Tenant& b = tenants.list[j];
      if (alive_together(a, b)) CHECK((a.end() <= b.offset || b.end() <= a.offset));
    }
  }
}

/// The most floats alive at one time: no placement needs less.
template <int Capacity>
long most_alive(const Tenants<Capacity>& tenants) {
  long most = 0;
  for (int now = 0; now <= Capacity; now++) {
    long alive = 0;
    for (int t = 0; t < tenants.count; t++)
      if (tenants.list[t].birth <= now && now <= tenants.list[t].death) alive += tenants.list[t].size;
    most = std::max(most, alive);
  }
  return most;
}
}  // namespace

TEST_CASE("tenants that live together lie apart, whatever goes first") {
  for (std::uint64_t seed = 0; seed < 30; seed++) {
    Tenants<100> tenants;
    for (int birth = 0; birth < 100; birth++) {
      if (mix(seed, std::uint64_t(birth)) % 5 == 0) continue;
      const int t = tenants.add(16 * long(1 + mix(mix(seed, 1), std::uint64_t(birth)) % 40), birth);
      tenants.list[t].death = std::min(100, birth + int(mix(mix(seed, 2), std::uint64_t(birth)) % 30));
    }
    for (const PlaceFirst rule : rules) {
      const auto placed = place(tenants, rule);
      check_apart(placed.tenants, placed.high_water);
      CHECK(placed.high_water >= most_alive(tenants));
      CHECK(placed.high_water <= 2 * most_alive(tenants));
    }
  }
}

TEST_CASE("in order of birth a small value may keep a large one from a hole; the large one first does not") {
  Tenants<4> tenants;
  tenants.list[tenants.add(100, 0)].death = 1;
  tenants.list[tenants.add(10, 1)].death = 3;  // above the first in order of birth
  tenants.list[tenants.add(105, 2)].death = 3;
  CHECK(place(tenants, PlaceFirst::none).high_water == 215);
  CHECK(place(tenants, PlaceFirst::largest).high_water == 115);
}

TEST_CASE("the longest-living of the large ones lie at the bottom") {
  Tenants<8> tenants;
  tenants.list[tenants.add(50, 0)].death = 1;
  tenants.list[tenants.add(20, 1)].death = 7;
  tenants.list[tenants.add(30, 2)].death = 6;
  const auto placed = place(tenants, PlaceFirst::longest_living);
  CHECK(placed.tenants.list[1].offset == 0);
  CHECK(placed.tenants.list[2].offset == 20);
  CHECK(placed.tenants.list[0].offset == 20);
  CHECK(placed.high_water == 70);
}

TEST_CASE("nobody needs nothing") {
  CHECK(place(Tenants<0>{}, PlaceFirst::largest).high_water == 0);
}
