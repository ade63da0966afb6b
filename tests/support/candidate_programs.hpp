// SPDX-License-Identifier: MIT
// A folder of candidates' programs as strata_experiment() of CMake leaves it, but of shell scripts, which do what a
// test wants a candidate to do.
#pragma once

#include <sys/stat.h>

#include <strata/experiment/programs.hpp>
#include <strata/experiment/result_json.hpp>

#include <string>

#include "temporary_folder.hpp"

namespace strata::testing {

class CandidatePrograms {
 public:
  CandidatePrograms() { write_list(); }

  std::string path() const { return folder_.path(); }
  experiment::Programs read() const { return experiment::read_programs(folder_.path()); }

  /// Adds the candidate "width=W" with W * 100 MACs; the script sees $seed, $epochs, $limit, $stage, $result.
  void add(int width, const std::string& script) {
    const std::string file = std::to_string(width);
    list_ += "STRATA-CANDIDATE " + file + " " + std::to_string(10 * width) + " " + std::to_string(100 * width) +
             " width=" + file + "\n";
    write_list();
    put(file, script);
  }
  void add_reference(const std::string& script) {
    list_ += "STRATA-CANDIDATE reference 500 5000 reference\n";
    write_list();
    put("reference", script);
  }
  /// What the compiler said about a candidate, which has no program.
  void add_uncompiled(int width, const std::string& errors) {
    add(width, "exit 97");
    testing::write(folder_ / (std::to_string(width) + ".error"), errors);
  }
  /// Replaces a candidate's program.
  void put(const std::string& file, const std::string& script) {
    const std::string path = folder_ / file;
    testing::write(path, std::string("#!/bin/sh\n"
                                     "while [ $# -gt 1 ]; do eval \"${1#--}=\\$2\"; shift 2; done\n") +
                             script + "\n");
    ::chmod(path.c_str(), 0755);
  }
  /// A script that leaves a result with this score (an expression of the shell) and counts its runs in `runs`.
  std::string scoring(const std::string& score, const std::string& test_score = "0") const {
    experiment::Result result;
    result.data = "d", result.trained_epochs = 2, result.score = 0.5, result.has_test = false, result.test_score = 0.25;
    result.loss = 0.125, result.seconds = 1, result.images_per_second = 100, result.latency = 1e-6;
    result.arena_bytes = 1000, result.training_bytes = 2000, result.peak_bytes = 3000, result.code_bytes = 4000;
    std::string json = experiment::to_json(result).dump();
    const auto replace = [&](const std::string& old, const std::string& now) {
      json.replace(json.find(old), old.size(), now);
    };
    replace("\"score\":0.5", "\"score\":'" + score + "'");
    replace("\"has_test\":false", "\"has_test\":'$([ $stage = final ] && echo true || echo false)'");
    replace("\"test_score\":0.25", "\"test_score\":'" + test_score + "'");
    return "echo run >> '" + (folder_ / "runs") + "'\necho '" + json + "' > \"$result\"";
  }
  /// How often a program of scoring() has run.
  int runs() const {
    const std::string text = testing::read(folder_ / "runs");
    return int(std::count(text.begin(), text.end(), '\n'));
  }

 private:
  void write_list() { testing::write(folder_ / "candidates.txt", list_); }

  TemporaryFolder folder_;
  std::string list_ = "STRATA-SWEEP 20 accuracy\n";
};

}  // namespace strata::testing
