// SPDX-License-Identifier: MIT
#pragma once

#include <fstream>
#include <string>

namespace strata::benchmarks::detail {

/// The first line of a file of /proc or /sys; empty if there is none.
inline std::string first_line(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

}  // namespace strata::benchmarks::detail
