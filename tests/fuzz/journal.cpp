// SPDX-License-Identifier: MIT
// Bytes as the journal of an experiment.
#include <strata/experiment/journal.hpp>

#include "../support/fuzz.hpp"

using namespace strata;
using namespace strata::core;

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  try {
    experiment::detail::parse_journal(Bytes(data, data + size), "f");
  } catch (const Error&) {
  }
  return 0;
}

const testing::FuzzLimits testing::fuzz_limits{
    .bytes = 8'000, .bytes_per_byte = 200, .steps = 3'000, .steps_per_byte = 150};

std::vector<Bytes> testing::fuzz_seeds() {
  experiment::Result result;
  result.candidate = "width=8 depth=2", result.score = 0.5, result.has_test = true;
  const std::string line = experiment::to_json(result).dump() + "\n",
                    text = experiment::detail::journal_head() + line + line;
  return {Bytes(text.begin(), text.end())};
}
