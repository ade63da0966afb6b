// SPDX-License-Identifier: MIT
#include <strata/benchmark/caches.hpp>

#include <doctest/doctest.h>

#include "../support/temporary_folder.hpp"

using namespace strata;
using namespace strata::benchmarks;
using namespace strata::testing;

namespace {

/// A cache of a processor, as /sys describes it.
void put(FakeMachine& machine, int processor, int index, const std::string& level, const std::string& type,
         const std::string& size, const std::string& users) {
  const std::string at =
      "sys/devices/system/cpu/cpu" + std::to_string(processor) + "/cache/index" + std::to_string(index) + "/";
  machine.put(at + "level", level + "\n"), machine.put(at + "type", type + "\n");
  machine.put(at + "size", size + "\n"), machine.put(at + "shared_cpu_list", users + "\n");
}

}  // namespace

TEST_CASE("caches are counted once for all processors that share them, and instructions have none") {
  FakeMachine machine;
  for (int cpu = 0; cpu < 4; cpu++) {  // two cores of two threads, one L3
    const std::string core = cpu < 2 ? "0-1" : "2-3";
    put(machine, cpu, 0, "1", "Data", "48K", core);
    put(machine, cpu, 1, "1", "Instruction", "32K", core);
    put(machine, cpu, 2, "2", "Unified", "2048K", core);
    put(machine, cpu, 3, "3", "Unified", "36M", "0-3");
  }
  const Caches all = benchmarks::detail::listed_caches({0, 1, 2, 3}, machine.root.path());
  CHECK(all == Caches{{48 << 10, 2}, {2 << 20, 2}, {36 << 20, 1}});
  CHECK(benchmarks::detail::listed_caches({2, 3}, machine.root.path()) ==
        Caches{{48 << 10, 1}, {2 << 20, 1}, {36 << 20, 1}});
  CHECK(all.l1.bytes_of(1) == 48 << 10);
  CHECK(all.l1.bytes_of(2) == 96 << 10);
  CHECK(all.l1.bytes_of(64) == 96 << 10);
  CHECK(all.l3.bytes_of(4) == 36 << 20);
}

TEST_CASE("what /sys does not tell, or tells wrongly, is no cache") {
  FakeMachine machine;
  CHECK(benchmarks::detail::listed_caches({0}, machine.root.path()) == Caches{});
  for (const char* size : {"", "K", "-3K", "48Q", "99999999999999999999K", "9999999999999", "48 K"}) {
    put(machine, 0, 0, "1", "Data", size, "0");
    CHECK_MESSAGE(benchmarks::detail::listed_caches({0}, machine.root.path()).l1.bytes == 0, size);
  }
  put(machine, 0, 0, "7", "Data", "48K", "0");
  CHECK(benchmarks::detail::listed_caches({0}, machine.root.path()) == Caches{});
  put(machine, 0, 0, "1", "Data", "32768", "0");
  CHECK(benchmarks::detail::listed_caches({0}, machine.root.path()).l1.bytes == 32768);
}

TEST_CASE("this machine has a first-level cache, and each level is larger than the one before it") {
  const Caches caches = caches_of_this_machine();
  CHECK(caches.l1.bytes >= 4 << 10);
  CHECK(caches.l1.count >= 1);
  if (caches.l2.bytes > 0) CHECK(caches.l2.bytes > caches.l1.bytes);
  CHECK(!core::detail::allowed_processors().empty());
}
