// SPDX-License-Identifier: MIT
// The file format of a checkpoint: magic "STRATAC" and a version digit; then items, each its size in bytes (64 bits)
// and the bytes; then a digest of the bytes of all items. Numbers are little-endian, as on every supported machine. A
// file with an average of models, since version 4, has a letter instead of the digit: D for 4, E for 5, ...
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>

#include <strata/core/digest.hpp>
#include <strata/core/error.hpp>
#include <strata/core/files/file.hpp>

namespace strata::training::detail {

inline constexpr char checkpoint_magic[] = "STRATAC9";  // the last character is the newest version
inline constexpr char oldest_checkpoint = '2', oldest_with_average = '4';
inline constexpr char letter_of_average = 'D' - '4';  // from digit to letter

class ItemWriter {
 public:
  [[gnu::cold]] ItemWriter(const std::string& path, char version) : file_(path) {
    file_.write(checkpoint_magic, 7);
    file_.write(&version, 1);
  }
  [[gnu::cold]] void put(const void* data, std::size_t size) {
    const std::uint64_t length = size;
    file_.write(&length, 8);
    file_.write(data, size);
    sum_.add(data, size);
  }
  [[gnu::cold]] void commit() {
    file_.write(&sum_.value, 8);
    file_.commit();
  }

 private:
  core::FileWriter file_;
  core::Digest sum_;
};

class ItemReader {
 public:
  [[gnu::cold]] ItemReader(const unsigned char* data, std::size_t size, const std::string& name)
      : at_(data), left_(size), name_(name) {
    if (size < 8 || std::memcmp(data, checkpoint_magic, 7) != 0)
      throw Error(name_, ": is not a training checkpoint; give a file that a training wrote");
    version_ = data[7];
    has_average_ = version_ >= oldest_with_average + letter_of_average;
    if (has_average_) version_ = static_cast<unsigned char>(version_ - letter_of_average);
    if (version_ < oldest_checkpoint || version_ > checkpoint_magic[7])
      throw Error(name_, ": is a checkpoint from another version of strata; resume with that version or start anew");
    skip(8);
  }
  unsigned char version() const { return version_; }
  bool has_average() const { return has_average_; }
  /// The next item, whose size must be a multiple of `unit` and, if given, `expected` bytes. Throws Error otherwise.
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
  /// Reads the next item, of `bytes` bytes, into the beginning of `out`.
  template <class T>
  [[gnu::cold]] void get(T& out, std::size_t bytes = sizeof(T)) {
    std::size_t size;
    std::memcpy(static_cast<void*>(&out), get(size, 1, bytes), bytes);
  }
  /// Throws Error unless the file ends here with the right digest.
  [[gnu::cold]] void end() {
    if (left_ < 8) truncated();
    if (std::memcmp(at_, &sum_.value, 8) != 0 || left_ != 8) damaged();
  }
  [[noreturn]] void damaged() const {
    throw Error(name_,
                ": is a damaged checkpoint (its checksum or its lengths are wrong); use an older one or start anew");
  }

 private:
  [[noreturn]] void truncated() const {
    throw Error(name_, ": is a truncated checkpoint (the file ends too early); use an older one or start anew");
  }
  void skip(std::size_t n) { at_ += n, left_ -= n; }

  const unsigned char* at_;
  std::size_t left_;
  unsigned char version_ = 0;
  bool has_average_ = false;
  std::string name_;
  core::Digest sum_;
};

}  // namespace strata::training::detail
