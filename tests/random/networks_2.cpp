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

TEST_CASE("network 6") { check_network<6>(); }
TEST_CASE("network 7") { check_network<7>(); }
TEST_CASE("network 8") { check_network<8>(); }
TEST_CASE("network 9") { check_network<9>(); }
TEST_CASE("network 10") { check_network<10>(); }
