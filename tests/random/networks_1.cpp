// SPDX-License-Identifier: MIT
// Networks drawn from the grammar of the language, on both CPU programs, against the oracle.
#include <strata/cpu/lanes/training.hpp>

#include "../support/check_backend.hpp"
#include "../support/cpu_lanes.hpp"
#include "../support/cpu_nhwc.hpp"
#include "../support/random_network.hpp"

using namespace strata::testing;

namespace {

template <std::uint64_t Seed>
void check_network() {
  using Net = RandomNetwork<Seed>;
  check_backend<Nhwc, Net>({1, 9}, {1, 2});
  if constexpr (strata::cpu::lanes::supports<Net>()) check_backend<Lanes, Net>({1, 9}, {1, 2});
}

}  // namespace

TEST_CASE("network 1") { check_network<1>(); }
TEST_CASE("network 2") { check_network<2>(); }
TEST_CASE("network 3") { check_network<3>(); }
TEST_CASE("network 4") { check_network<4>(); }
TEST_CASE("network 5") { check_network<5>(); }
