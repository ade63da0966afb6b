// SPDX-License-Identifier: MIT
// The whole state of a training between two iterations, in a file: going on from it gives the same bits as never having
// stopped. Layout: magic "STRATAC" and a version, then items; an item is its size in bytes (64 bits) and the bytes; then a checksum
// of all items. Numbers are little-endian, as on every machine this runs on. Files of version 2, which had no loss factor, are read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include <strata/core/aligned.hpp>
#include <strata/core/file.hpp>
#include <strata/core/random.hpp>
#include <strata/train/options.hpp>

namespace strata {

/// What must agree for the bits to agree.
struct TrainingSetup {
  std::uint64_t network = 0;  ///< structural hash
  std::uint64_t seed = 0;
  std::int64_t samples = 0, batch = 0, micro_batch = 0;
  std::int64_t shuffle = 0, partial = 0, slots = 0, parameters = 0, buffers = 0;
  char optimizer[32] = {};
};

/// Where the training stands.
struct TrainingState {
  std::int64_t iteration = 0;            ///< updates made
  std::int64_t optimizer_step = 0;
  double optimizer_rate = 0;
  double epoch_loss = 0, epoch_weight = 0;  ///< sums over the epoch under way
  std::int64_t epoch_correct = 0, epoch_counted = 0, images = 0;
  double best_validation = 0;
  std::int64_t validations = 0, validations_since_best = 0;
  double last_epoch_loss = 0, last_epoch_accuracy = 0;
  double seconds = 0, train_seconds = 0, validation_seconds = 0;
  // Since version 3.
  double loss_factor = 0;      ///< of fp16; 0: none
  std::int64_t in_range = 0;   ///< updates since it moved
};

namespace detail {

inline constexpr char checkpoint_magic[] = "STRATAC3";  // the last character is the version
inline constexpr std::size_t state_bytes_2 = offsetof(TrainingState, loss_factor);  // of version 2
inline constexpr std::size_t row_numbers = 10;          // of a record of the history

/// A checksum of a sequence of items.
struct Checksum {
  std::uint64_t value = 0x5354524154414350ull;
  void add(const void* data, std::size_t size) {
    const unsigned char* at = static_cast<const unsigned char*>(data);
    word(size);
    for (; size >= 8; size -= 8, at += 8) {
      std::uint64_t next;
      std::memcpy(&next, at, 8);
      word(next);
    }
    std::uint64_t rest = 0;
    std::memcpy(&rest, at, size);
    word(rest);
  }
  void word(std::uint64_t next) {
    value = (value ^ next) * 0x9E3779B97F4A7C15ull;
    value ^= value >> 32;
  }
};

class ItemWriter {
 public:
  explicit ItemWriter(const std::string& path) : file_(path) { file_.write(checkpoint_magic, 8); }
  void put(const void* data, std::size_t size) {
    const std::uint64_t length = size;
    file_.write(&length, 8);
    file_.write(data, size);
    sum_.add(data, size);
  }
  void commit() {
    file_.write(&sum_.value, 8);
    file_.commit();
  }

 private:
  FileWriter file_;
  Checksum sum_;
};

class ItemReader {
 public:
  ItemReader(const unsigned char* data, std::size_t size, const std::string& name)
      : at_(data), left_(size), name_(name) {
    if (size < 8 || std::memcmp(data, checkpoint_magic, 7) != 0)
      throw Error(name_, ": is not a checkpoint of a training; give the file that a training wrote");
    version_ = data[7];
    if (version_ != '2' && version_ != checkpoint_magic[7])
      throw Error(name_, ": is a checkpoint of another version of strata; go on with that version or start anew");
    skip(8);
  }
  unsigned char version() const { return version_; }
  /// The next item, whose size must be a multiple of `unit` and, where given, `expected` bytes.
  const unsigned char* get(std::size_t& size, std::size_t unit, std::size_t expected = std::size_t(-1)) {
    std::uint64_t length;
    if (left_ < 8) truncated();
    std::memcpy(&length, at_, 8);
    skip(8);
    if (length > left_) truncated();
    if (length % unit != 0 || (expected != std::size_t(-1) && length != expected)) damaged();
    const unsigned char* item = at_;
    size = std::size_t(length);
    sum_.add(item, size);
    skip(size);
    return item;
  }
  /// bytes: how many of it the file has, from its first.
  template <class T>
  void get(T& out, std::size_t bytes = sizeof(T)) {
    std::size_t size;
    std::memcpy(static_cast<void*>(&out), get(size, 1, bytes), bytes);
  }
  void end() {
    if (left_ < 8) truncated();
    if (std::memcmp(at_, &sum_.value, 8) != 0 || left_ != 8) damaged();
  }
  [[noreturn]] void damaged() const {
    throw Error(name_, ": is a damaged checkpoint (its checksum or its lengths are wrong); take an older one or start anew");
  }

 private:
  [[noreturn]] void truncated() const {
    throw Error(name_, ": is a truncated checkpoint (the file ends too early); take an older one or start anew");
  }
  void skip(std::size_t n) { at_ += n, left_ -= n; }

  const unsigned char* at_;
  std::size_t left_;
  unsigned char version_ = 0;
  std::string name_;
  Checksum sum_;
};

}  // namespace detail

/// The blocks of floats that a checkpoint holds, in memory of the training.
struct TrainingBlocks {
  float* parameters = nullptr;
  float* buffers = nullptr;
  float* state = nullptr;  ///< of the optimizer: setup.slots * setup.parameters
};

inline void write_checkpoint(const std::string& path, const TrainingSetup& setup, const TrainingState& state,
                             const TrainingBlocks& blocks, const std::vector<Record>& history) {
  detail::ItemWriter out(path);
  out.put(&setup, sizeof setup);
  out.put(&state, sizeof state);
  out.put(blocks.parameters, std::size_t(setup.parameters) * sizeof(float));
  out.put(blocks.buffers, std::size_t(setup.buffers) * sizeof(float));
  out.put(blocks.state, std::size_t(setup.parameters * setup.slots) * sizeof(float));
  std::vector<double> rows;
  for (const Record& r : history)
    rows.insert(rows.end(), {double(r.epoch), double(r.iteration), r.seconds, r.loss, r.rate, r.train_accuracy,
                             r.validation_loss, r.validation_accuracy, r.validation_mean_accuracy, r.validation_mean_iou});
  out.put(rows.data(), rows.size() * sizeof(double));
  out.commit();
}

namespace detail {

inline void compare_setups(const std::string& name, const TrainingSetup& theirs, const TrainingSetup& ours) {
  if (theirs.network != ours.network || theirs.parameters != ours.parameters || theirs.buffers != ours.buffers)
    throw Error(name, ": is a checkpoint of another network (structural hash ", hexadecimal(theirs.network), ", ",
                theirs.parameters, " parameters; this one has ", hexadecimal(ours.network), " and ", ours.parameters,
                "); resume with the network that it was written by");
  if (std::strncmp(theirs.optimizer, ours.optimizer, sizeof ours.optimizer) != 0 || theirs.slots != ours.slots)
    throw Error(name, ": was written by the optimizer ", std::string(theirs.optimizer, strnlen(theirs.optimizer, 32)),
                ", and this training uses ", ours.optimizer, "; resume with the same one");
  const auto same = [&](const char* what, std::int64_t a, std::int64_t b) {
    if (a != b)
      throw Error(name, ": was written with ", what, " = ", a, ", and this training has ", b,
                  "; resume with the same, or start anew");
  };
  same("the seed", std::int64_t(theirs.seed), std::int64_t(ours.seed));
  same("training samples", theirs.samples, ours.samples);
  same("batch", theirs.batch, ours.batch);
  same("micro_batch", theirs.micro_batch, ours.micro_batch);
  same("shuffle", theirs.shuffle, ours.shuffle);
  same("partial", theirs.partial, ours.partial);
}

}  // namespace detail

/// Reads a checkpoint from memory into blocks of the right sizes. Nothing is changed where it is refused.
inline void parse_checkpoint(const unsigned char* data, std::size_t size, const std::string& name,
                             const TrainingSetup& setup, TrainingState& state, const TrainingBlocks& blocks,
                             std::vector<Record>& history) {
  detail::ItemReader in(data, size, name);
  TrainingSetup theirs;
  TrainingState read;
  in.get(theirs);
  detail::compare_setups(name, theirs, setup);
  in.get(read, in.version() == '2' ? detail::state_bytes_2 : sizeof read);
  const std::size_t bytes[] = {std::size_t(setup.parameters) * sizeof(float), std::size_t(setup.buffers) * sizeof(float),
                               std::size_t(setup.parameters * setup.slots) * sizeof(float)};
  std::size_t length;
  const unsigned char* parameters = in.get(length, 1, bytes[0]);
  const unsigned char* buffers = in.get(length, 1, bytes[1]);
  const unsigned char* slots = in.get(length, 1, bytes[2]);
  const unsigned char* rows = in.get(length, detail::row_numbers * sizeof(double));
  in.end();
  if (read.iteration < 0 || read.optimizer_step < 0 || read.in_range < 0 || !(read.loss_factor >= 0)) in.damaged();
  state = read;
  if (bytes[0]) std::memcpy(blocks.parameters, parameters, bytes[0]);
  if (bytes[1]) std::memcpy(blocks.buffers, buffers, bytes[1]);
  if (bytes[2]) std::memcpy(blocks.state, slots, bytes[2]);
  history.clear();
  for (std::size_t at = 0; at < length; at += detail::row_numbers * sizeof(double)) {
    double r[detail::row_numbers];
    std::memcpy(r, rows + at, sizeof r);
    history.push_back({int(r[0]), long(r[1]), r[2], r[3], r[4], r[5], r[6], r[7], r[8], r[9]});
  }
}

inline void read_checkpoint(const std::string& path, const TrainingSetup& setup, TrainingState& state,
                            const TrainingBlocks& blocks, std::vector<Record>& history) {
  const Bytes bytes = read_file(path);
  parse_checkpoint(bytes.data(), bytes.size(), path, setup, state, blocks, history);
}

}  // namespace strata
