// SPDX-License-Identifier: MIT
// The control groups of this process: where Linux keeps the limits that containers, systemd and batch systems set.
#pragma once

#include <fstream>
#include <string>
#include <vector>

#include <strata/core/compile_once.hpp>

namespace strata::core::detail {

struct ControlGroup {
  std::string folder;
  int version = 2;
};

/// The control group of this process for a controller ("memory", "cpu"), followed by the enclosing groups; of both
/// versions if both are in use. `root` is prefixed to /proc and /sys.
STRATA_ONCE std::vector<ControlGroup> control_groups(const std::string& controller, const std::string& root);

#if STRATA_HAS_BODIES

/// Whether a comma-separated list contains the word.
[[gnu::cold]] inline bool lists(const std::string& list, const std::string& word) {
  return ("," + list + ",").find("," + word + ",") != std::string::npos;
}

[[gnu::cold]] STRATA_ONCE std::vector<ControlGroup> control_groups(const std::string& controller,
                                                                   const std::string& root) {
  std::vector<ControlGroup> out;
  std::ifstream groups(root + "/proc/self/cgroup");
  for (std::string line; std::getline(groups, line);) {  // "0::/path" (version 2), "9:cpu,cpuacct:/path" (version 1)
    const std::size_t first = line.find(':'), second = line.find(':', first == std::string::npos ? first : first + 1);
    if (second == std::string::npos) continue;
    const std::string controllers = line.substr(first + 1, second - first - 1);
    const bool unified = line.starts_with("0::");
    if (!unified && !lists(controllers, controller)) continue;
    std::vector<std::string> tops{root + "/sys/fs/cgroup"};
    if (!unified) {
      const std::string hierarchies = tops[0];
      tops = {hierarchies + "/" + controller};
      if (controllers != controller) tops.push_back(hierarchies + "/" + controllers);
    }
    for (const std::string& top : tops) {
      std::string group = line.substr(second + 1);
      for (;; group.resize(group.rfind('/'))) {
        while (group.ends_with('/')) group.pop_back();
        out.push_back({top + group, unified ? 2 : 1});
        if (group.find('/') == std::string::npos) break;
      }
    }
  }
  return out;
}

#endif  // STRATA_HAS_BODIES

}  // namespace strata::core::detail
