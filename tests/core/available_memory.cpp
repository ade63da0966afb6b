// SPDX-License-Identifier: MIT
#include <strata/core/available_memory.hpp>

#include <doctest/doctest.h>

#include <filesystem>

#include "../support/temporary_folder.hpp"

using namespace strata;
using namespace strata::core;
using namespace strata::testing;

namespace {

struct Machine : FakeMachine {
  long available() const { return available_memory(root.path()); }
};

constexpr const char* free_megabytes = "MemTotal: 4096 kB\nMemFree: 8 kB\nMemAvailable:   2048 kB\n";

}  // namespace

TEST_CASE("what the kernel calls available") {
  Machine machine;
  CHECK(machine.available() == -1);
  machine.put("proc/meminfo", free_megabytes);
  CHECK(machine.available() == 2048 * 1024);
  machine.put("proc/meminfo", "MemAvailable: plenty\n");
  CHECK(machine.available() == -1);
}

TEST_CASE("a control group and those around it may leave less") {
  Machine machine;
  machine.put("proc/meminfo", free_megabytes);
  machine.put("proc/self/cgroup", "0::/jobs/seven\n");
  CHECK(machine.available() == 2048 * 1024);
  machine.put("sys/fs/cgroup/jobs/seven/memory.max", "max\n");
  machine.put("sys/fs/cgroup/jobs/seven/memory.current", "100000\n");
  CHECK(machine.available() == 2048 * 1024);
  machine.put("sys/fs/cgroup/jobs/memory.max", "500000\n");
  machine.put("sys/fs/cgroup/jobs/memory.current", "150000\n");
  CHECK(machine.available() == 350000);
  machine.put("sys/fs/cgroup/jobs/memory.stat", "anon 1\ninactive_file 2000\n");
  CHECK(machine.available() == 352000);
  machine.put("sys/fs/cgroup/jobs/seven/memory.max", "90000\n");
  CHECK(machine.available() == 0);
}

TEST_CASE("the group at the top, and version 1") {
  Machine machine;
  machine.put("proc/self/cgroup", "0::/\n");
  machine.put("sys/fs/cgroup/memory.max", "1000\n");
  machine.put("sys/fs/cgroup/memory.current", "400\n");
  CHECK(machine.available() == 600);
  machine.put("proc/self/cgroup", "12:cpu:/a\n9:memory:/a\n");
  CHECK(machine.available() == -1);
  machine.put("sys/fs/cgroup/memory/a/memory.limit_in_bytes", "700\n");
  machine.put("sys/fs/cgroup/memory/a/memory.usage_in_bytes", "200\n");
  CHECK(machine.available() == 500);
}

TEST_CASE("this machine has some") { CHECK(available_memory() > 1'000'000); }
