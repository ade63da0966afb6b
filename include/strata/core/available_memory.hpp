// SPDX-License-Identifier: MIT
// How much memory a program may still take before the machine swaps or the system ends it.
#pragma once

#include <algorithm>
#include <exception>
#include <fstream>
#include <limits>
#include <string>

namespace strata {

namespace detail {

/// The number at the start of a file; `unlimited` where there is none ("max") or no file.
inline constexpr long unlimited = std::numeric_limits<long>::max();
inline long number_in(const std::string& path) {
  std::ifstream file(path);
  long number = 0;
  return file >> number ? number : unlimited;
}

/// The number behind `key` in a file of lines "key number ..."; -1 where there is none.
inline long number_of(const std::string& path, const std::string& key) {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);)
    if (line.starts_with(key)) {
      try {
        return std::stol(line.substr(key.size()));
      } catch (const std::exception&) {
        return -1;
      }
    }
  return -1;
}

/// What a control group leaves; pages of files that the kernel would drop first count as free.
inline long left_in_group(const std::string& limit_file, const std::string& usage_file, const std::string& statistics) {
  const long limit = number_in(limit_file), used = number_in(usage_file);
  if (limit == unlimited || used == unlimited) return unlimited;
  return std::max(0L, limit - used + std::max(0L, number_of(statistics, "inactive_file ")));
}

}  // namespace detail

/// Bytes: what the kernel calls available, within the limits of the process's control group and of those around it
/// (versions 1 and 2). -1: unknown. `root` stands before /proc and /sys.
inline long available_memory(const std::string& root = "") {
  const long kibibytes = detail::number_of(root + "/proc/meminfo", "MemAvailable:");
  long available = kibibytes < 0 ? detail::unlimited : kibibytes * 1024;
  std::ifstream groups(root + "/proc/self/cgroup");
  for (std::string line; std::getline(groups, line);) {  // "0::/path" (version 2), "9:memory:/path" (version 1)
    const bool unified = line.starts_with("0::");
    const std::size_t found = line.find(":memory:");
    if (!unified && found == std::string::npos) continue;
    const std::string top = root + (unified ? "/sys/fs/cgroup" : "/sys/fs/cgroup/memory");
    std::string group = line.substr(unified ? 3 : found + 8);
    for (;; group.resize(group.rfind('/'))) {
      while (group.ends_with('/')) group.pop_back();
      const std::string at = top + group + "/memory.";
      available = std::min(available, unified ? detail::left_in_group(at + "max", at + "current", at + "stat")
                                              : detail::left_in_group(at + "limit_in_bytes", at + "usage_in_bytes", at + "stat"));
      if (group.empty() || group.find('/') == std::string::npos) break;
    }
  }
  return available == detail::unlimited ? -1 : available;
}

}  // namespace strata
