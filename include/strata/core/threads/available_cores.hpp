// SPDX-License-Identifier: MIT
// How many threads of this process can run at once.
#pragma once

#if defined(__linux__)
#include <sched.h>
#endif

#include <algorithm>
#include <fstream>
#include <locale>
#include <string>
#include <thread>
#include <vector>

#include <strata/core/compile_once.hpp>
#include <strata/core/threads/control_groups.hpp>

namespace strata::core {

namespace detail {

/// The processors that the calling thread may run on, as restricted by taskset, cpusets or a batch system; none if the
/// system does not tell.
STRATA_ONCE std::vector<int> allowed_processors();

/// Their number; without them, what the standard library knows.
STRATA_ONCE int allowed_cores();

/// The `allowed` cores, limited by the quotas of the control groups.
STRATA_ONCE int available_cores(int allowed, const std::string& root);

#if STRATA_HAS_BODIES

[[gnu::cold]] STRATA_ONCE std::vector<int> allowed_processors() {
  std::vector<int> out;
#if defined(__linux__)
  for (std::size_t sets = 1; sets <= 64; sets *= 2) {  // the kernel refuses a mask shorter than its own
    std::vector<cpu_set_t> mask(sets);
    const std::size_t bytes = sets * sizeof(cpu_set_t);
    if (::sched_getaffinity(0, bytes, mask.data()) != 0) continue;
    for (std::size_t i = 0; i < 8 * bytes; i++)
      if (CPU_ISSET_S(i, bytes, mask.data())) out.push_back(int(i));
    break;
  }
#endif
  return out;
}

[[gnu::cold]] STRATA_ONCE int allowed_cores() {
  const std::size_t allowed = allowed_processors().size();
  return allowed > 0 ? int(allowed) : std::max(1, int(std::thread::hardware_concurrency()));
}

/// The CPU quota of a control group in cores, rounded up; `otherwise` if it has none.
[[gnu::cold]] inline long quota_of(const ControlGroup& group, long otherwise) {
  long quota = 0, period = 100'000;  // microseconds
  if (group.version == 2) {
    std::ifstream file(group.folder + "/cpu.max");  // "150000 100000", "max 100000"
    file.imbue(std::locale::classic());             // other locales may accept a space as thousands separator
    if (!(file >> quota)) return otherwise;
    file >> period;
  } else {
    std::ifstream quota_file(group.folder + "/cpu.cfs_quota_us"), period_file(group.folder + "/cpu.cfs_period_us");
    quota_file.imbue(std::locale::classic()), period_file.imbue(std::locale::classic());
    if (!(quota_file >> quota)) return otherwise;
    period_file >> period;
  }
  if (quota <= 0 || period <= 0) return otherwise;
  return quota / period + (quota % period != 0);
}

[[gnu::cold]] STRATA_ONCE int available_cores(int allowed, const std::string& root) {
  long cores = allowed;
  for (const ControlGroup& group : control_groups("cpu", root)) cores = std::min(cores, quota_of(group, cores));
  return int(cores);
}

#endif  // STRATA_HAS_BODIES

}  // namespace detail

/// The number of cores that this process may use, at least 1: those of its affinity mask, limited by the CPU quota of
/// its control group and of the enclosing groups (versions 1 and 2), rounded up. `root` is prefixed to /proc and /sys.
STRATA_ONCE int available_cores(const std::string& root = "");

#if STRATA_HAS_BODIES

[[gnu::cold]] STRATA_ONCE int available_cores(const std::string& root) {
  return detail::available_cores(detail::allowed_cores(), root);
}

#endif  // STRATA_HAS_BODIES

}  // namespace strata::core
