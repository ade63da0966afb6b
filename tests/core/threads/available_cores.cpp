// SPDX-License-Identifier: MIT
#include <strata/core/threads/available_cores.hpp>

#include <doctest/doctest.h>

#include <filesystem>

#include "../../support/temporary_folder.hpp"

using namespace strata;
using namespace strata::core;
using namespace strata::testing;

namespace {

struct Machine : FakeMachine {
  /// With an affinity mask of sixteen.
  int cores() const { return strata::core::detail::available_cores(16, root.path()); }
};

}  // namespace

TEST_CASE("without control groups the affinity mask decides") {
  Machine machine;
  CHECK(machine.cores() == 16);
  machine.put("proc/self/cgroup", "0::/jobs/seven\n");
  CHECK(machine.cores() == 16);
  CHECK(available_cores(machine.root.path()) == strata::core::detail::allowed_cores());
}

TEST_CASE("version 2: the quota of the group and of those around it, rounded up") {
  Machine machine;
  machine.put("proc/self/cgroup", "0::/jobs/seven\n");
  const auto with = [&](const char* text) {
    return machine.put("sys/fs/cgroup/jobs/seven/cpu.max", text), machine.cores();
  };
  CHECK(with("max 100000\n") == 16);
  CHECK(with("200000 100000\n") == 2);
  CHECK(with("150000 100000\n") == 2);
  CHECK(with("100001 100000\n") == 2);
  CHECK(with("100000 100000\n") == 1);
  CHECK(with("1000 100000\n") == 1);
  CHECK(with("25000 10000\n") == 3);
  CHECK(with("9223372036854775807 100000\n") == 16);
  CHECK(with("9223372036854775807 1\n") == 16);
  CHECK(with("250000\n") == 3);  // a period of a tenth of a second, if none is given
  CHECK(with("0 100000\n") == 16);
  CHECK(with("-1 100000\n") == 16);
  CHECK(with("100000 0\n") == 16);
  CHECK(with("many of them\n") == 16);
  CHECK(with("") == 16);
  CHECK(with("800000 100000\n") == 8);
  machine.put("sys/fs/cgroup/jobs/cpu.max", "350000 100000\n");
  CHECK(machine.cores() == 4);
  machine.put("sys/fs/cgroup/cpu.max", "50000 100000\n");
  CHECK(machine.cores() == 1);
}

TEST_CASE("version 2 in a container: its group is the top") {
  Machine machine;
  machine.put("proc/self/cgroup", "0::/\n");
  machine.put("sys/fs/cgroup/cpu.max", "300000 100000\n");
  CHECK(machine.cores() == 3);
}

TEST_CASE("version 1: quota and period are files, and several controllers may share a hierarchy") {
  for (const std::string folder : {"cpu", "cpu,cpuacct"}) {
    CAPTURE(folder);
    Machine machine;
    machine.put("proc/self/cgroup", "12:cpuset:/a\n11:memory:/a\n4:cpu,cpuacct:/a/b\n1:name=systemd:/\n");
    machine.put("sys/fs/cgroup/" + folder + "/a/b/cpu.cfs_quota_us", "-1\n");
    machine.put("sys/fs/cgroup/" + folder + "/a/b/cpu.cfs_period_us", "100000\n");
    CHECK(machine.cores() == 16);
    machine.put("sys/fs/cgroup/" + folder + "/a/b/cpu.cfs_quota_us", "550000\n");
    CHECK(machine.cores() == 6);
    machine.put("sys/fs/cgroup/" + folder + "/a/cpu.cfs_quota_us", "30000\n");
    machine.put("sys/fs/cgroup/" + folder + "/a/cpu.cfs_period_us", "20000\n");
    CHECK(machine.cores() == 2);
  }
}

TEST_CASE("version 1 in a container that sees the host's path: the top is its own group") {
  Machine machine;
  machine.put("proc/self/cgroup", "5:cpuacct,cpu:/docker/0123456789abcdef\n0::/\n");
  machine.put("sys/fs/cgroup/cpu/cpu.cfs_quota_us", "150000\n");
  machine.put("sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n");
  CHECK(machine.cores() == 2);
}

TEST_CASE("a broken list of groups limits nothing") {
  Machine machine;
  machine.put("proc/self/cgroup", "\n:\n::\n4:cpu\nnonsense\n4:cpu,cpuacct:relative\n");
  CHECK(machine.cores() == 16);
}

TEST_CASE("the affinity mask of this process") {
  cpu_set_t all;
  REQUIRE(sched_getaffinity(0, sizeof all, &all) == 0);
  CHECK(strata::core::detail::allowed_cores() == CPU_COUNT(&all));
  int first = 0;
  while (!CPU_ISSET(first, &all)) first++;
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(first, &one);
  REQUIRE(sched_setaffinity(0, sizeof one, &one) == 0);
  CHECK(available_cores() == 1);
  REQUIRE(sched_setaffinity(0, sizeof all, &all) == 0);
}
