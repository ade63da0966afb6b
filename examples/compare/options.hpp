// SPDX-License-Identifier: MIT
// The settings from the command line.
#pragma once

#include <string>
#include <vector>

namespace compare_runs {

struct TableSettings {
  std::vector<std::string> runs, allowed;
  std::string relative_to, format = "text", out;
};

struct CurvesSettings {
  std::vector<std::string> runs;
  std::string out = "curves.html";  ///< file
};

struct DescribeSettings {
  std::string gpu, out;
  double gigabytes = 0;  ///< of the GPU's memory; 0: the smallest model's
};

struct EstimateSettings {
  std::vector<std::string> runs;
  std::string program;                            ///< to measure first; empty: none
  std::vector<std::string> options;               ///< for that program
  std::string machine, from;                      ///< descriptions; empty: this machine
  std::vector<int> batches;                       ///< empty: the workshop's
  std::string precision;                          ///< of a GPU; empty: its default
  int threads = 0;                                ///< of the machine; 0: one per core
  int epochs = 0;                                 ///< 0: as in the run
  int training = -1, validation = -1, test = -1;  ///< images; below 0: as in the run
  std::vector<std::string> against;               ///< runs on the machine
  std::string format = "text", out = "runs/estimate";
};

struct RequestSettings {
  EstimateSettings estimate;
  double hours = 0;  ///< within which the training should end; 0: not stated
  std::string data;  ///< folder, for the volume of the data
};

/// Each returns the program's exit status or throws strata::Error.
int tables(const TableSettings&);
int curves(const CurvesSettings&);
int describe(const DescribeSettings&);
int estimate(const EstimateSettings&);
int request(const RequestSettings&);

}  // namespace compare_runs
