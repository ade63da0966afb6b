// SPDX-License-Identifier: MIT
// Bytes as a result file of Google Benchmark.
#include <strata/benchmark/samples.hpp>

#include "../support/benchmark_results.hpp"
#include "../support/fuzz.hpp"

using namespace strata;
using namespace strata::core;
using namespace strata::benchmarks;

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  try {
    for (const Case& one : parse_samples(Bytes(data, data + size), "f").cases) {
      if (one.name.empty() || (one.seconds.empty() && one.error.empty())) __builtin_trap();
      for (const double seconds : one.seconds)
        if (!(seconds > 0 && seconds < 1e19)) __builtin_trap();
    }
  } catch (const Error&) {
  }
  return 0;
}

const testing::FuzzLimits testing::fuzz_limits{
    .bytes = 20'000, .bytes_per_byte = 200, .steps = 15'000, .steps_per_byte = 300};

std::vector<Bytes> testing::fuzz_seeds() {
  nlohmann::json failed = benchmark_entry("a/b:2", 0), mean = benchmark_entry("a", 2);
  failed["error_occurred"] = true, failed["error_message"] = "why";
  mean["run_type"] = "aggregate";
  std::vector<Bytes> out;
  for (const auto& file : {benchmark_file({benchmark_entry("a", 1), benchmark_entry("a", 2.5, 1), mean, failed}),
                           nlohmann::json{{"benchmarks", {benchmark_entry("c", 3)}}}}) {
    const std::string text = file.dump();
    out.emplace_back(text.begin(), text.end());
  }
  const std::string counters =
      R"({"benchmarks":[{"name":"N\"aN","real_time":1,"time_unit":"s","a":NaN,"b":-Infinity}]})";
  out.emplace_back(counters.begin(), counters.end());
  return out;
}
