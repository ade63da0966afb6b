// SPDX-License-Identifier: MIT
// The data caches of this machine: as Linux lists them in /sys, or else as the C library knows them.
#pragma once

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <set>
#include <string>
#include <vector>

#include <strata/benchmark/first_line.hpp>
#include <strata/core/threads/available_cores.hpp>
#include <strata/cpu/caches.hpp>

namespace strata::benchmarks {

/// A level of the data caches.
struct Cache {
  long bytes = 0;  ///< of one cache; 0: the machine has no such level
  int count = 1;   ///< number of caches that the cores of this process use

  bool operator==(const Cache&) const = default;

  /// Bytes that `threads` threads have together, if each is on a core of its own as long as there are some left.
  long bytes_of(int threads) const { return bytes * std::clamp(threads, 1, std::max(count, 1)); }
};

/// The levels of the data caches, the nearest to the core first.
struct Caches {
  Cache l1{};  ///< the first-level caches
  Cache l2{};  ///< the second-level caches
  Cache l3{};  ///< the third-level caches

  bool operator==(const Caches&) const = default;
};

namespace detail {

/// The bytes of "48K", "2048K" or "32M"; 0 for any other text.
inline long bytes_in(const std::string& text) {
  long number = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || number < 0 || number > 1L << 40) return 0;
  const std::string unit(rest, end);
  return unit.empty() ? number : unit == "K" ? number << 10 : unit == "M" ? number << 20 : 0;
}

/// The caches of the given processors, as /sys lists them. Where sizes differ, those of the first processor.
inline Caches listed_caches(const std::vector<int>& processors, const std::string& root) {
  Caches out;
  std::set<std::string> users[3];  // the processors that share a cache tell it from the others of its level
  for (const int processor : processors)
    for (int index = 0; index < 16; index++) {
      const std::string folder = root + "/sys/devices/system/cpu/cpu" + std::to_string(processor) + "/cache/index" +
                                 std::to_string(index) + "/";
      const std::string type = first_line(folder + "type"), level = first_line(folder + "level");
      if (type.empty()) break;
      if ((type != "Data" && type != "Unified") || (level != "1" && level != "2" && level != "3")) continue;
      Cache& cache = level == "1" ? out.l1 : level == "2" ? out.l2 : out.l3;
      if (cache.bytes == 0) cache.bytes = bytes_in(first_line(folder + "size"));
      std::set<std::string>& known = users[level[0] - '1'];
      known.insert(first_line(folder + "shared_cpu_list"));
      cache.count = int(known.size());
    }
  return out;
}

/// The sizes that the C library knows, for a process of that many cores.
inline Caches library_caches(int cores) {
#if defined(_SC_LEVEL1_DCACHE_SIZE)
  const auto size = [](int name) { return std::max(0L, ::sysconf(name)); };
  return {
      {size(_SC_LEVEL1_DCACHE_SIZE), cores}, {size(_SC_LEVEL2_CACHE_SIZE), cores}, {size(_SC_LEVEL3_CACHE_SIZE), 1}};
#else
  return {{0, cores}, {0, cores}, {0, 1}};
#endif
}

}  // namespace detail

/// The caches of the cores that this process may run on. If nothing tells their sizes, 32 KiB and those of
/// cpu/caches.hpp.
inline Caches caches_of_this_machine() {
  const int cores = core::available_cores();
  const std::vector<int> processors = core::detail::allowed_processors();
  Caches out = detail::listed_caches(processors.empty() ? std::vector<int>{0} : processors, "");
  if (out.l1.bytes == 0) out = detail::library_caches(cores);
  if (out.l1.bytes == 0) out = {{32L << 10, cores}, {cpu::second_cache_bytes, cores}, {cpu::third_cache_bytes, 1}};
  return out;
}

}  // namespace strata::benchmarks
