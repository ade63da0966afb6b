// SPDX-License-Identifier: MIT
// Bytes as the checkpoint of a training, as they are and with a corrected checksum.
#include <strata/train/checkpoint.hpp>

#include <stdlib.h>

#include "../support/fuzz.hpp"
#include "../support/old_checkpoint.hpp"

using namespace strata;
using namespace strata::core;
using namespace strata::training;

namespace {

struct Small {
  float parameters[5]{}, buffers[2]{}, state[10]{};
  TrainingSetup setup;
  KeptModel kept{.by = Keep::best_loss};
  AveragedModel average{.how = EqualAverage{.every = 1}, .parameters = Floats(5), .buffers = Floats(2)};
  Small() {
    setup.network = 7, setup.structural = 8, setup.first_version = 9, setup.epochs = 3, setup.updates = 10;
    setup.slots = 2, setup.squares = 1, setup.parameters = 5, setup.buffers = 2, setup.variances = {{1, 2}},
    setup.heads = 2;
    setup.conditions = {{"optimizer", "adam"}, {"training samples", "10"}, {"batch", "2"}};
    setup.learning_rate = [](long, long) { return 0.; };
  }
  TrainingBlocks blocks() { return {parameters, buffers, state, &kept, &average}; }
};

/// The file with the checksum of its items, where these fill all of it but its last word.
Bytes repaired(Bytes file) {
  Digest sum;
  for (std::size_t at = 8; at + 16 <= file.size();) {
    std::uint64_t length;
    std::memcpy(&length, file.data() + at, 8);
    if (length > file.size() - at - 16) return file;
    sum.add(file.data() + at + 8, length);
    at += 8 + length;
    if (at + 8 == file.size()) std::memcpy(file.data() + at, &sum.value, 8);
  }
  return file;
}

void parse(const Bytes& file) {
  Small small;
  TrainingState state;
  std::vector<Record> history;
  try {
    parse_checkpoint(file.data(), file.size(), "f", small.setup, state, small.blocks(), history);
  } catch (const Error&) {
    for (float p : small.parameters)
      if (p != 0) __builtin_trap();  // a refusal changes nothing
    for (float a : small.average.parameters)
      if (a != 0) __builtin_trap();
    if (small.kept.iteration != 0 || !small.kept.parameters.empty()) __builtin_trap();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const Bytes file(data, data + size);
  parse(file);
  parse(repaired(file));
  return 0;
}

// An item may consist of empty words, each of which becomes a string of 32 bytes.
const testing::FuzzLimits testing::fuzz_limits{
    .bytes = 10'000, .bytes_per_byte = 400, .steps = 8'000, .steps_per_byte = 100};

std::vector<Bytes> testing::fuzz_seeds() {
  Small small;
  for (float& p : small.parameters) p = 1;
  std::vector<Record> history(3);
  TrainingState state;
  for (Record& row : history) row.iteration = ++state.iteration, row.validation_loss = row.validation_accuracy = 0.5;
  state.images = 3;
  const auto written = [&](const Average& average) {
    small.average.how = average;
    char path[] = "/tmp/strata-fuzz-XXXXXX";
    const int file = ::mkstemp(path);
    if (file >= 0) ::close(file);
    write_checkpoint(path, small.setup, state, small.blocks(), history);
    Bytes bytes = read_file(path);
    ::unlink(path);
    return bytes;
  };
  const Bytes bytes = written({});
  for (Record& row : history)
    row.heads = {{.loss = 1, .train_accuracy = 0.5, .validation_loss = 2, .validation_accuracy = 0.5},
                 {.loss = 1, .validation_loss = 2, .validation_mae = 3, .validation_rmse = 4}};
  const Bytes with_heads = written({});
  history[1].metrics = {{"f1", 0.5}, {"auc", 2}}, history[2].metrics = {{"auc", 1}}, history[2].plateau_factor = 0.5;
  const Bytes with_metrics = written({});
  history[1].metrics.clear(), history[2].metrics.clear(), history[2].plateau_factor = 1;
  small.kept.iteration = 2, small.kept.parameters.assign(5, 2.f), small.kept.buffers.assign(2, 2.f);
  training::detail::SetupOfVersion3 old;
  old.network = 9, old.samples = 10, old.batch = 2, old.slots = 2, old.parameters = 5, old.buffers = 2;
  std::strcpy(old.optimizer, "adam");
  small.average.parameters.assign(5, 3.f), small.average.buffers.assign(2, 3.f);
  const Bytes with_average = written(EqualAverage{.every = 1});
  return {bytes,
          with_heads,
          with_metrics,
          written({}),
          with_average,
          testing::as_version('3', bytes, old),
          testing::as_version('2', bytes, old)};
}
