// SPDX-License-Identifier: MIT
// What was measured, as tables for people and as CSV.
#pragma once

#include <string>
#include <vector>

#include "../kernels/bandwidth.hpp"
#include "work.hpp"

namespace strata::bench {

/// Medians over the rounds, in seconds.
struct Row {
  int index = 0;
  std::string op, layer;
  Work work;
  double run = 0, pack = 0;
  double rival = 0;          ///< oneDNN's for the same convolution; 0: none
  std::string rival_kernel;  ///< as it names its implementation

  double seconds() const { return run + pack; }
};

struct Report {
  std::string title, rival;  ///< rival: name and version; empty: none
  int images = 0, threads = 0, rounds = 0;
  double peak = 0;  ///< GFLOP/s of multiply-adds in registers, all threads: the best of the run
  Bandwidth bandwidth;
  double whole = 0, result = 0;
  std::vector<Row> rows;
};

/// The nodes and their sums by op and algorithm, as text or as Markdown.
std::string print(const Report& report, bool markdown);

void write_csv(const Report& report, const std::string& path);

}  // namespace strata::bench
