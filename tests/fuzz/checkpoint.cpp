// SPDX-License-Identifier: MIT
// Bytes as the checkpoint of a training.
#include <strata/train/checkpoint.hpp>

#include <stdlib.h>

#include "../support/fuzz.hpp"
#include "../support/old_checkpoint.hpp"

using namespace strata;

namespace {

struct Small {
  float parameters[5]{}, buffers[2]{}, state[10]{};
  TrainingSetup setup;
  Small() {
    setup.network = 7, setup.samples = 10, setup.batch = 2, setup.slots = 2, setup.parameters = 5, setup.buffers = 2;
    std::strcpy(setup.optimizer, "adam");
  }
  TrainingBlocks blocks() { return {parameters, buffers, state}; }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  Small small;
  TrainingState state;
  std::vector<Record> history;
  try {
    parse_checkpoint(data, size, "f", small.setup, state, small.blocks(), history);
  } catch (const Error&) {
    for (float p : small.parameters)
      if (p != 0) __builtin_trap();  // a refusal changes nothing
  }
  return 0;
}

std::vector<Bytes> testing::fuzz_seeds() {
  Small small;
  for (float& p : small.parameters) p = 1;
  char path[] = "/tmp/strata-fuzz-XXXXXX";
  const int file = ::mkstemp(path);
  if (file >= 0) ::close(file);
  write_checkpoint(path, small.setup, {}, small.blocks(), std::vector<Record>(3));
  const Bytes bytes = read_file(path);
  ::unlink(path);
  return {bytes, testing::as_version_2(bytes)};
}
