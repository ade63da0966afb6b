// SPDX-License-Identifier: MIT
// Bytes as the description of a machine.
#include <strata/report/machine_description.hpp>

#include "../support/fuzz.hpp"

using namespace strata;
using namespace strata::core;
using namespace strata::report;

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  try {
    const MachineDescription m = parse_machine_description(Bytes(data, data + size), "f");
    rates_of(m, 3, 1 << 20, m.device.precision);
  } catch (const Error&) {
  }
  return 0;
}

const testing::FuzzLimits testing::fuzz_limits{
    .bytes = 6'000, .bytes_per_byte = 200, .steps = 2'000, .steps_per_byte = 100};

std::vector<Bytes> testing::fuzz_seeds() {
  MachineDescription processor{
      .machine = {.name = "n", .cpu = "p", .compiler = "c", .flags = "f", .cores = 2, .ram_bytes = 9}};
  processor.device = device_of(processor.machine);
  processor.speeds = {{1, 100, {{1024, 80}, {4096, 20}}}, {2, 200, {{1024, 160}}}};
  std::vector<Bytes> out;
  for (const std::string& text : {text_of(processor), text_of(describe(graph::v100_peak))})
    out.emplace_back(text.begin(), text.end());
  return out;
}
