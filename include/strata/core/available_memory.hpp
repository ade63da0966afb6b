// SPDX-License-Identifier: MIT
// How much more memory a program may allocate before the machine swaps or the system kills the program.
#pragma once

#include <algorithm>
#include <exception>
#include <fstream>
#include <limits>
#include <locale>
#include <string>

#include <strata/core/threads/control_groups.hpp>

namespace strata::core {

namespace detail {

inline constexpr long unlimited = std::numeric_limits<long>::max();
/// The number at the start of a file; `unlimited` if the file is missing or starts with no number ("max").
[[gnu::cold]] inline long number_in(const std::string& path) {
  std::ifstream file(path);
  file.imbue(std::locale::classic());
  long number = 0;
  return file >> number ? number : unlimited;
}

/// The number after `key` in a file of lines "key number ..."; -1 if there is none.
[[gnu::cold]] inline long number_of(const std::string& path, const std::string& key) {
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

/// Bytes that a control group leaves free; inactive pages of files, which the kernel drops first, count as free.
[[gnu::cold]] inline long left_in_group(const std::string& limit_file, const std::string& usage_file,
                                        const std::string& statistics) {
  const long limit = number_in(limit_file), used = number_in(usage_file);
  if (limit == unlimited || used == unlimited) return unlimited;
  return std::max(0L, limit - used + std::max(0L, number_of(statistics, "inactive_file ")));
}

}  // namespace detail

/// Bytes that the kernel reports as available, within the limits of the process's control group and of the enclosing
/// groups (versions 1 and 2); -1: unknown. `root` is prefixed to /proc and /sys.
[[gnu::cold]] inline long available_memory(const std::string& root = "") {
  const long kibibytes = detail::number_of(root + "/proc/meminfo", "MemAvailable:");
  long available = kibibytes < 0 ? detail::unlimited : kibibytes * 1024;
  for (const detail::ControlGroup& group : detail::control_groups("memory", root)) {
    const std::string at = group.folder + "/memory.";
    available = std::min(available, group.version == 2 ? detail::left_in_group(at + "max", at + "current", at + "stat")
                                                       : detail::left_in_group(at + "limit_in_bytes",
                                                                               at + "usage_in_bytes", at + "stat"));
  }
  return available == detail::unlimited ? -1 : available;
}

}  // namespace strata::core
