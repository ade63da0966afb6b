// SPDX-License-Identifier: MIT
// Reads the JSON header of a safetensors file entry by entry as it is parsed. It builds no tree of values, so time and
// memory depend only on the header's length. Needs strata::safetensors (nlohmann-json).
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include <strata/core/error.hpp>
#include <strata/core/text/text.hpp>

namespace strata::io {

using Metadata = std::map<std::string, std::string>;

/// A tensor within the bytes of a file.
struct StoredTensor {
  std::string name;
  std::string dtype;  ///< "F64", "F32", "F16", "BF16"; other types are listed, but cannot be read
  std::vector<std::uint64_t> dims{};
  std::size_t begin = 0, end = 0;  ///< in Safetensors::bytes

  /// The dimensions as text: "(16, 8, 3, 3)".
  std::string shape() const {
    std::string out = "(";
    for (std::size_t i = 0; i < dims.size(); i++) out += (i ? ", " : "") + std::to_string(dims[i]);
    return out + ")";
  }
};

namespace detail {

inline constexpr std::size_t safetensors_header_limit = 100'000'000;  ///< bytes, as in the reference library
inline constexpr std::size_t safetensors_entry_limit = 100'000;       ///< tensors; metadata entries

/// Text from a file, made safe for an error message: of bounded length, without control characters.
inline std::string shown(const std::string& text) {
  constexpr std::size_t most = 80;
  std::size_t size = std::min(text.size(), most);
  while (size > 0 && size < text.size() && (text[size] & 0xC0) == 0x80) size--;  // do not cut within a UTF-8 character
  std::string out = text.substr(0, size);
  for (char& c : out)
    if (core::is_control(c)) c = '?';
  return size < text.size() ? out + "..." : out;
}

/// Bytes per number; 0: unknown type.
inline std::size_t size_of_dtype(const std::string& dtype) {
  for (const char* name : {"F64", "I64", "U64"})
    if (dtype == name) return 8;
  for (const char* name : {"F32", "I32", "U32"})
    if (dtype == name) return 4;
  for (const char* name : {"F16", "BF16", "I16", "U16"})
    if (dtype == name) return 2;
  return dtype == "I8" || dtype == "U8" || dtype == "BOOL" ? 1 : 0;
}

/// The handler for nlohmann::json::sax_parse. Throws Error at the first value that the format does not allow.
class SafetensorsHeader {
 public:
  using json = nlohmann::json;

  std::vector<StoredTensor> tensors;
  Metadata metadata;

  /// data: offset of the tensor data; size: its bytes; name: of the file.
  SafetensorsHeader(std::size_t data, std::size_t size, const std::string& name)
      : data_(data), size_(size), name_(name) {}

  bool null() {
    if (depth_ == 1 && in_metadata_) return true;  // as if it were absent
    return scalar();
  }
  bool boolean(bool) { return scalar(); }
  bool number_integer(json::number_integer_t) { return scalar(); }
  bool number_float(json::number_float_t, const std::string&) { return scalar(); }
  bool binary(json::binary_t&) { return scalar(); }
  bool number_unsigned(json::number_unsigned_t number) {
    std::vector<std::uint64_t>* const list = depth_ == 3 ? open_list() : nullptr;
    if (!list) return scalar();
    if (list->size() == (field_ == shape ? 8u : 2u)) refuse_field();
    list->push_back(number);
    return true;
  }
  bool string(std::string& text) {
    if (depth_ == 2 && in_metadata_) {
      metadata[word_] = std::move(text);
      return true;
    }
    if (depth_ != 2 || field_ != dtype) return scalar();
    tensors.back().dtype = std::move(text);
    return true;
  }
  bool start_object(std::size_t) {
    if (depth_ == 1 && !in_metadata_) seen_ = 0;
    if (depth_ >= 2) nest();
    return ++depth_, true;
  }
  bool start_array(std::size_t) {
    if (depth_ < 2) return scalar();
    if (depth_ != 2 || in_metadata_ || (field_ != shape && field_ != offsets)) nest();
    return ++depth_, true;
  }
  bool end_object() {
    if (--depth_ == 1 && !in_metadata_) finish(tensors.back());
    return true;
  }
  bool end_array() { return --depth_, true; }
  bool key(std::string& text) {
    if (depth_ == 1) return begin(text);
    if (depth_ > 2) return true;
    if (in_metadata_) {
      if (metadata.size() == safetensors_entry_limit) refuse_number("metadata entries");
      word_ = std::move(text);
      return true;
    }
    field_ = text == "dtype" ? dtype : text == "shape" ? shape : text == "data_offsets" ? offsets : other;
    if (field_ != other && (seen_ & field_)) refuse("its entry has the same field twice");
    seen_ |= field_;
    return true;
  }
  bool parse_error(std::size_t, const std::string&, const json::exception&) {
    throw Error(name_, ": its header is not JSON; is it a safetensors file?");
  }

 private:
  enum Field { other = 0, dtype = 1, shape = 2, offsets = 4 };
  static constexpr int deepest = 8;  ///< nesting allowed for unknown fields of an entry

  bool begin(std::string& text) {
    in_metadata_ = text == "__metadata__";
    if (in_metadata_) {
      if (had_metadata_) throw Error(name_, ": its header has two __metadata__ entries; get the file again");
      return had_metadata_ = true;
    }
    if (tensors.size() == safetensors_entry_limit) refuse_number("tensors");
    tensors.emplace_back().name = std::move(text);
    offsets_.clear();
    return true;
  }
  std::vector<std::uint64_t>* open_list() {
    if (in_metadata_) return nullptr;
    return field_ == shape ? &tensors.back().dims : field_ == offsets ? &offsets_ : nullptr;
  }
  /// Handles a value where none, or one of another type, belongs; unknown fields may hold anything.
  bool scalar() {
    if (depth_ == 0) throw Error(name_, ": its header is not a JSON object; is it a safetensors file?");
    if (in_metadata_ && depth_ == 1) throw Error(name_, ": its __metadata__ is not a JSON object; get the file again");
    if (in_metadata_) refuse_word();
    if (depth_ == 1) refuse("its entry lacks dtype, shape or data_offsets");
    if (field_ != other) refuse_field();
    return true;
  }
  void nest() {
    if (in_metadata_) refuse_word();
    if (field_ != other) refuse_field();
    if (depth_ == deepest) throw Error(name_, ": its header is nested too deeply; get the file again");
  }
  [[noreturn]] void refuse(const char* what) const {
    throw Error(name_, ": tensor '", shown(tensors.back().name), "': ", what, "; get the file again");
  }
  [[noreturn]] void refuse_field() const {
    refuse(field_ == dtype   ? "its dtype is not a string"
           : field_ == shape ? "its shape is not a list of at most eight sizes"
                             : "its data_offsets are not two numbers");
  }
  [[noreturn]] void refuse_word() const {
    throw Error(name_, ": its __metadata__ holds '", shown(word_), "', which is not a string; get the file again");
  }
  [[noreturn]] void refuse_number(const char* of_what) const {
    throw Error(name_, ": holds more than ", safetensors_entry_limit, " ", of_what,
                ", the most that can be read; give a file with fewer");
  }
  void finish(StoredTensor& tensor) {
    if (seen_ != (dtype | shape | offsets)) refuse("its entry lacks dtype, shape or data_offsets");
    if (offsets_.size() != 2) refuse("its data_offsets are not two numbers");
    const std::uint64_t begin = offsets_[0], end = offsets_[1];
    if (begin > end || end > size_) refuse("its data lie outside the file (truncated?)");
    tensor.begin = data_ + begin, tensor.end = data_ + end;
    std::uint64_t bytes = size_of_dtype(tensor.dtype);
    if (bytes == 0) return;  // unknown type: its size cannot be checked
    const bool empty = std::find(tensor.dims.begin(), tensor.dims.end(), 0u) != tensor.dims.end();
    for (std::uint64_t dim : tensor.dims) {
      if (!empty && dim > std::numeric_limits<std::uint64_t>::max() / bytes) refuse("its shape overflows");
      bytes = empty ? 0 : bytes * dim;
    }
    if (bytes != end - begin) refuse("its shape and its data differ in size");
  }

  std::size_t data_, size_;
  const std::string& name_;
  int depth_ = 0;
  bool in_metadata_ = false, had_metadata_ = false;
  Field field_ = other;
  int seen_ = 0;                        ///< fields of the current entry
  std::vector<std::uint64_t> offsets_;  ///< of the current entry
  std::string word_;
};

}  // namespace detail
}  // namespace strata::io
