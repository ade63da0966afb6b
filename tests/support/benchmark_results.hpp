// SPDX-License-Identifier: MIT
// Result files of Google Benchmark, as text.
#pragma once

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace strata::testing {

/// An entry of "benchmarks" as --benchmark_out writes it for a repetition, in nanoseconds.
inline nlohmann::json benchmark_entry(const std::string& name, double nanoseconds, int repetition = 0) {
  return {{"name", name},     {"family_index", 0},        {"per_family_instance_index", 0},
          {"run_name", name}, {"run_type", "iteration"},  {"repetitions", 10},
          {"threads", 1},     {"iterations", 1000},       {"repetition_index", repetition},
          {"cpu_time", 1.},   {"real_time", nanoseconds}, {"time_unit", "ns"},
          {"GFLOP/s", 12.5}};
}

/// A result file with the entries.
inline nlohmann::json benchmark_file(std::vector<nlohmann::json> entries) {
  return {{"context",
           {{"date", "2026-01-02T03:04:05+00:00"},
            {"host_name", "there"},
            {"executable", "./bench"},
            {"num_cpus", 2},
            {"mhz_per_cpu", 2100},
            {"cpu_scaling_enabled", false},
            {"caches", {{{"type", "Data"}, {"level", 1}, {"size", 49152}, {"num_sharing", 1}}}},
            {"load_avg", {0.5, 0.25}},
            {"library_build_type", "release"}}},
          {"benchmarks", std::move(entries)}};
}

}  // namespace strata::testing
