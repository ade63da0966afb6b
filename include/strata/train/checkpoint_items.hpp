// SPDX-License-Identifier: MIT
// The file format of a checkpoint: magic "STRATAC" and a version digit; then items, each its size in bytes (64 bits)
// and the bytes; then a digest of the bytes of all items. Numbers are little-endian, as on every supported machine. A
// file with an average of models, since version 4, has a letter instead of the digit: D for 4, E for 5, ... The highest
// bit of that byte says that there are measurements (checkpoint_measurements.hpp).
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include <strata/core/digest.hpp>
#include <strata/core/error.hpp>
#include <strata/core/files/file.hpp>

namespace strata::training::detail {

inline constexpr char checkpoint_magic[] = "STRATAC9";  // the last character is the newest version
inline constexpr char oldest_checkpoint = '2', oldest_with_average = '4';
inline constexpr char letter_of_average = 'D' - '4';          // from digit to letter
inline constexpr unsigned char measurements_bit = 0x80;       // of the version
inline constexpr int longest_word = 4096, most_words = 4096;  // of a list

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
    has_measurements_ = data[7] & measurements_bit;
    version_ = static_cast<unsigned char>(data[7] & (measurements_bit - 1));
    has_average_ = version_ >= oldest_with_average + letter_of_average;
    if (has_average_) version_ = static_cast<unsigned char>(version_ - letter_of_average);
    if (version_ < oldest_checkpoint || version_ > checkpoint_magic[7])
      throw Error(name_, ": is a checkpoint from another version of strata; resume with that version or start anew");
    skip(8);
  }
  unsigned char version() const { return version_; }
  bool has_average() const { return has_average_; }
  bool has_measurements() const { return has_measurements_; }
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
  bool has_average_ = false, has_measurements_ = false;
  std::string name_;
  core::Digest sum_;
};

inline void put_words(ItemWriter& out, const std::vector<std::string>& words) {
  std::string joined;
  for (const std::string& word : words) joined.append(word, 0, longest_word - 1).push_back('\0');
  out.put(joined.data(), joined.size());
}

inline std::vector<std::string> get_words(ItemReader& in) {
  std::size_t size;
  const char* at = reinterpret_cast<const char*>(in.get(size, 1));
  std::vector<std::string> out;
  for (const char* const end = at + size; at < end;) {
    const std::size_t length = ::strnlen(at, std::size_t(end - at));
    if (length == std::size_t(end - at) || length >= longest_word || out.size() == most_words) in.damaged();
    out.emplace_back(at, length);
    at += length + 1;
  }
  return out;
}

}  // namespace strata::training::detail
