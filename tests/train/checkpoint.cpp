// SPDX-License-Identifier: MIT
#include <strata/train/checkpoint.hpp>

#include <doctest/doctest.h>

#include "../support/file_size_limit.hpp"
#include "../support/old_checkpoint.hpp"
#include "../support/refusal.hpp"
#include "../support/temporary_folder.hpp"

using namespace strata;
using namespace strata::testing;

namespace {

struct Sample {
  std::vector<float> parameters = {1, 2, 3}, buffers = {4}, state = {5, 6, 7, 8, 9, 10};
  TrainingSetup setup;
  TrainingState at;
  std::vector<Record> history = std::vector<Record>(2);
  Sample() {
    setup.network = 7, setup.seed = 3, setup.samples = 10, setup.batch = 2, setup.slots = 2, setup.parameters = 3, setup.buffers = 1;
    std::strcpy(setup.optimizer, "adam");
    at.iteration = 17, at.best_validation = 0.5, at.seconds = 9, at.loss_factor = 1024, at.in_range = 5;
    history[1].loss = 0.25, history[1].validation_accuracy = 0.75;
  }
  /// With no numbers that a checkpoint brings.
  static Sample empty() {
    Sample s;
    s.parameters.assign(3, 0), s.buffers.assign(1, 0), s.state.assign(6, 0), s.history.clear(), s.at = {};
    return s;
  }
  TrainingBlocks blocks() { return {parameters.data(), buffers.data(), state.data()}; }
};

}  // namespace

TEST_CASE("a checkpoint comes back") {
  TemporaryFolder folder;
  Sample written;
  write_checkpoint(folder / "c", written.setup, written.at, written.blocks(), written.history);
  Sample read = Sample::empty();
  read_checkpoint(folder / "c", read.setup, read.at, read.blocks(), read.history);
  CHECK(read.parameters == written.parameters);
  CHECK(read.buffers == written.buffers);
  CHECK(read.state == written.state);
  CHECK(read.at.iteration == 17);
  CHECK(read.at.best_validation == 0.5);
  CHECK(read.at.loss_factor == 1024);
  CHECK(read.at.in_range == 5);
  REQUIRE(read.history.size() == 2);
  CHECK(read.history[1].loss == 0.25);
  CHECK(read.history[1].validation_accuracy == 0.75);
}

TEST_CASE("a checkpoint of version 2 is read; it has no loss factor") {
  TemporaryFolder folder;
  Sample written, read = Sample::empty();
  write_checkpoint(folder / "c", written.setup, written.at, written.blocks(), written.history);
  const Bytes older = as_version_2(read_file(folder / "c"));
  parse_checkpoint(older.data(), older.size(), "c", read.setup, read.at, read.blocks(), read.history);
  CHECK(read.parameters == written.parameters);
  CHECK(read.at.iteration == 17);
  CHECK(read.at.seconds == 9);
  CHECK(read.at.loss_factor == 0);
  CHECK(read.at.in_range == 0);
  CHECK(read.history.size() == 2);
  for (const char version : {'1', '4'}) {
    Bytes other = older;
    other[7] = static_cast<unsigned char>(version);
    CHECK(refuses([&] { parse_checkpoint(other.data(), other.size(), "c", read.setup, read.at, read.blocks(), read.history); },
                  "c: is a checkpoint of another version of strata"));
  }
}

TEST_CASE("a checkpoint of another training is refused by name") {
  TemporaryFolder folder;
  Sample written;
  write_checkpoint(folder / "c", written.setup, written.at, written.blocks(), written.history);
  const auto says = [&](auto change, const char* part) {
    Sample other;
    change(other.setup);
    return refuses([&] { read_checkpoint(folder / "c", other.setup, other.at, other.blocks(), other.history); }, "c: ", part);
  };
  CHECK(says([](TrainingSetup& s) { s.network = 8; }, "another network"));
  CHECK(says([](TrainingSetup& s) { s.parameters = 2; }, "another network"));
  CHECK(says([](TrainingSetup& s) { std::strcpy(s.optimizer, "sgd"); }, "the optimizer adam"));
  CHECK(says([](TrainingSetup& s) { s.seed = 4; }, "the seed = 3"));
  CHECK(says([](TrainingSetup& s) { s.batch = 4; }, "batch = 2"));
  CHECK(says([](TrainingSetup& s) { s.samples = 11; }, "training samples = 10"));
}

TEST_CASE("truncated or damaged anywhere, it is refused and changes nothing") {
  TemporaryFolder folder;
  Sample sample;
  write_checkpoint(folder / "c", sample.setup, sample.at, sample.blocks(), sample.history);
  const Bytes whole = read_file(folder / "c");
  const auto refused = [&](const Bytes& bytes) {
    Sample read;
    const std::vector<float> before = read.parameters = {0, 0, 0};
    const bool said = !refusal([&] { parse_checkpoint(bytes.data(), bytes.size(), "c", read.setup, read.at, read.blocks(), read.history); }).empty();
    return said && read.parameters == before && read.at.iteration == 17;
  };
  for (std::size_t size = 0; size < whole.size(); size++)
    if (!refused(Bytes(whole.begin(), whole.begin() + long(size)))) FAIL(size);
  for (std::size_t at = 0; at < whole.size(); at++) {
    Bytes damaged = whole;
    damaged[at] ^= 0x10;
    if (!refused(damaged)) FAIL(at);
  }
  Bytes longer = whole;
  longer.push_back(0);
  CHECK(refused(longer));
}

TEST_CASE("a disk that is full in the middle leaves the checkpoint that was there") {
  TemporaryFolder folder;
  Sample sample, later;
  write_checkpoint(folder / "c", sample.setup, sample.at, sample.blocks(), sample.history);
  later.at.iteration = 18;
  {
    const FileSizeLimit limit(100);
    CHECK(refuses([&] { write_checkpoint(folder / "c", later.setup, later.at, later.blocks(), later.history); }, "cannot be written",
                  "what was there before is unchanged"));
  }
  read_checkpoint(folder / "c", later.setup, later.at, later.blocks(), later.history);
  CHECK(later.at.iteration == 17);
  CHECK(std::distance(std::filesystem::directory_iterator(folder.path()), {}) == 1);
  CHECK(refuses([&] { write_checkpoint(folder / "no/c", sample.setup, sample.at, sample.blocks(), sample.history); }, "cannot be created"));
  CHECK(refuses([&] { write_checkpoint("/dev/full", sample.setup, sample.at, sample.blocks(), sample.history); }, "no regular file"));
}
