// SPDX-License-Identifier: MIT
// Bytes as the record of a run.
#include <strata/report/run_record.hpp>

#include "../support/fuzz.hpp"

using namespace strata;
using namespace strata::core;
using namespace strata::metrics;
using namespace strata::report;

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  try {
    parse_run_record(Bytes(data, data + size), "f");
  } catch (const Error&) {
  }
  return 0;
}

const testing::FuzzLimits testing::fuzz_limits{
    .bytes = 6'000, .bytes_per_byte = 200, .steps = 2'000, .steps_per_byte = 100};

std::vector<Bytes> testing::fuzz_seeds() {
  RunRecord record;
  record.status = "complete";
  record.history.resize(2);
  record.history[1].validation_accuracy = 0.5, record.history[1].validation_loss = 1;
  record.metrics = {0.5, 0.5, 0.25, 0.25, -1, {{"road", 0.5, 0.25, -1}}};
  record.confusion = Confusion(2);
  record.iterations = record.kept_iteration = 2, record.kept_by = Keep::best_loss;
  record.weights = {"w.safetensors",           "backbone.", {"conv1.weight"}, {"bn1.bias"},
                    {"layer4.2.conv1.weight"}, {"fc.bias"}};
  record.conditions = {{"--rate", "0.01"}};
  record.work.add({8, 3, 677376, 338688, 56448});
  record.memory = {22016, 1036736, 16, 5, 17};
  const std::string text = report::detail::to_json(record).dump();
  return {Bytes(text.begin(), text.end())};
}
