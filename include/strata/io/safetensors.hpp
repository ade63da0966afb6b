// SPDX-License-Identifier: MIT
// The file format safetensors: the size of a JSON header (64 bits, little-endian), the header, then the numbers of all
// tensors without gaps. The header maps a name to {"dtype", "shape", "data_offsets": [begin, end]}, and "__metadata__" to
// strings. Source: https://github.com/huggingface/safetensors#format. Needs strata::safetensors (nlohmann-json).
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include <strata/core/error.hpp>
#include <strata/core/file.hpp>
#include <strata/core/named_tensor.hpp>
#include <strata/core/neutral_locale.hpp>
#include <strata/io/half.hpp>

namespace strata {

using Metadata = std::map<std::string, std::string>;

/// A tensor within the bytes of a file.
struct StoredTensor {
  std::string name;
  std::string dtype;  ///< "F32", "F16", "BF16"; others are listed, but not read
  std::vector<std::uint64_t> dims{};
  std::size_t begin = 0, end = 0;  ///< in Safetensors::bytes

  std::string shape() const {
    std::string out = "(";
    for (std::size_t i = 0; i < dims.size(); i++) out += (i ? ", " : "") + std::to_string(dims[i]);
    return out + ")";
  }
};

struct Safetensors {
  std::string name;  ///< of the file
  Bytes bytes;
  Metadata metadata{};
  std::vector<StoredTensor> tensors{};

  const StoredTensor* find(const std::string& tensor) const {
    for (const StoredTensor& t : tensors)
      if (t.name == tensor) return &t;
    return nullptr;
  }
};

namespace detail {

inline constexpr std::size_t safetensors_header_limit = 100'000'000;

/// Bytes of a number; 0: unknown.
inline std::size_t size_of_dtype(const std::string& dtype) {
  for (const auto& [name, size] : {std::pair("F32", 4), {"F16", 2}, {"BF16", 2}, {"F64", 8}, {"I64", 8}, {"I32", 4},
                                   {"I16", 2}, {"I8", 1}, {"U64", 8}, {"U32", 4}, {"U16", 2}, {"U8", 1}, {"BOOL", 1}})
    if (dtype == name) return std::size_t(size);
  return 0;
}

/// The header as JSON, each name once. Nothing nests deeper than three levels in it.
inline nlohmann::json parse_safetensors_header(const unsigned char* begin, const unsigned char* end, const std::string& name) {
  std::set<std::string> seen;
  const auto watch = [&](int depth, nlohmann::json::parse_event_t event, nlohmann::json& value) {
    if (depth > 3) throw Error(name, ": its header nests too deep; get the file again");
    if (event == nlohmann::json::parse_event_t::key && depth == 1 && !seen.insert(value.get<std::string>()).second)
      throw Error(name, ": its header names the tensor '", value.get<std::string>(), "' twice; get the file again");
    return true;
  };
  nlohmann::json header;
  try {
    const core::NeutralLocale neutral;
    header = nlohmann::json::parse(begin, end, watch);
  } catch (const nlohmann::json::exception&) {
    throw Error(name, ": its header is no JSON; is it a safetensors file?");
  }
  if (!header.is_object()) throw Error(name, ": its header is no JSON object; is it a safetensors file?");
  return header;
}

/// An entry of the header; `data` is where the numbers begin.
inline StoredTensor parse_stored_tensor(const std::string& key, const nlohmann::json& entry, std::size_t data,
                                        std::size_t size, const std::string& name) {
  const auto refuse = [&](const char* what) { throw Error(name, ": tensor '", key, "': ", what, "; get the file again"); };
  const auto natural = [](const nlohmann::json& value) { return value.is_number_unsigned(); };
  if (!entry.is_object() || !entry.contains("dtype") || !entry.contains("shape") || !entry.contains("data_offsets"))
    refuse("its entry lacks dtype, shape or data_offsets");
  const auto &dtype = entry["dtype"], &shape = entry["shape"], &offsets = entry["data_offsets"];
  if (!dtype.is_string() || size_of_dtype(dtype.get<std::string>()) == 0) refuse("its dtype is unknown");
  if (!shape.is_array() || shape.size() > 8 || !std::all_of(shape.begin(), shape.end(), natural))
    refuse("its shape is no list of at most eight sizes");
  if (!offsets.is_array() || offsets.size() != 2 || !natural(offsets[0]) || !natural(offsets[1]))
    refuse("its data_offsets are no two numbers");
  StoredTensor out{.name = key, .dtype = dtype.get<std::string>(), .dims = shape.get<std::vector<std::uint64_t>>()};
  const auto begin = offsets[0].get<std::uint64_t>(), end = offsets[1].get<std::uint64_t>();
  if (begin > end || end > size) refuse("its data lie outside the file (truncated?)");
  std::uint64_t bytes = size_of_dtype(out.dtype);
  const bool empty = std::find(out.dims.begin(), out.dims.end(), 0u) != out.dims.end();
  for (std::uint64_t dim : out.dims) {
    if (!empty && dim > std::numeric_limits<std::uint64_t>::max() / bytes) refuse("its shape overflows");
    bytes = empty ? 0 : bytes * dim;
  }
  if (bytes != end - begin) refuse("its shape and its data differ in size");
  out.begin = data + begin, out.end = data + end;
  return out;
}

}  // namespace detail

/// From memory; `name` is for the sentences. Nothing of the content is believed.
inline Safetensors parse_safetensors(Bytes bytes, const std::string& name) {
  Safetensors out{.name = name, .bytes = std::move(bytes)};
  if (out.bytes.size() < 8) throw Error(name, ": is too short for a safetensors file; get the file again");
  std::uint64_t length;
  std::memcpy(&length, out.bytes.data(), 8);
  if (length > detail::safetensors_header_limit || length > out.bytes.size() - 8)
    throw Error(name, ": says that its header has ", hexadecimal(length), " (hexadecimal) bytes, more than there are; is it "
                "a safetensors file, and whole?");
  const std::size_t data = 8 + std::size_t(length), size = out.bytes.size() - data;
  const auto header = detail::parse_safetensors_header(out.bytes.data() + 8, out.bytes.data() + data, name);
  for (const auto& [key, entry] : header.items()) {
    if (key != "__metadata__") {
      out.tensors.push_back(detail::parse_stored_tensor(key, entry, data, size, name));
      continue;
    }
    if (!entry.is_object()) throw Error(name, ": its __metadata__ is no JSON object; get the file again");
    for (const auto& [word, text] : entry.items()) {
      if (!text.is_string()) throw Error(name, ": its __metadata__ holds '", word, "', which is no string; get the file again");
      out.metadata[word] = text.get<std::string>();
    }
  }
  std::sort(out.tensors.begin(), out.tensors.end(),
            [](const StoredTensor& a, const StoredTensor& b) { return std::pair(a.begin, a.end) < std::pair(b.begin, b.end); });
  std::size_t at = data;
  for (const StoredTensor& t : out.tensors) {
    if (t.begin != at) throw Error(name, ": tensor '", t.name, "' overlaps another or leaves a gap; get the file again");
    at = t.end;
  }
  if (at != out.bytes.size())
    throw Error(name, ": holds ", out.bytes.size() - at, " bytes that belong to no tensor; get the file again");
  return out;
}

inline Safetensors read_safetensors(const std::string& path) { return parse_safetensors(read_file(path), path); }

/// The numbers of a tensor of type F32, F16 or BF16 as floats.
inline void copy_floats(const Safetensors& file, const StoredTensor& tensor, float* to) {
  const unsigned char *at = file.bytes.data() + tensor.begin, *end = file.bytes.data() + tensor.end;
  const auto half = [](const unsigned char* p) { return std::uint16_t(p[0] | p[1] << 8); };
  if (tensor.dtype == "F32") {
    if (at != end) std::memcpy(to, at, std::size_t(end - at));
  } else if (tensor.dtype == "F16") {
    for (; at != end; at += 2) *to++ = float_of_half(half(at));
  } else if (tensor.dtype == "BF16") {
    for (; at != end; at += 2) *to++ = float_of_bfloat16(half(at));
  } else {
    throw Error(file.name, ": tensor '", tensor.name, "' has the type ", tensor.dtype, "; give F32, F16 or BF16");
  }
}

/// Writes the tensors as F32, in one piece: the path holds the old file or the new one, whatever happens.
inline void write_safetensors(const std::string& path, const std::vector<NamedTensor>& tensors, const Metadata& metadata = {}) {
  nlohmann::ordered_json header;
  if (!metadata.empty()) header["__metadata__"] = metadata;
  std::uint64_t at = 0;
  for (const NamedTensor& t : tensors) {
    const std::uint64_t end = at + std::uint64_t(t.size()) * sizeof(float);
    header[t.name] = {{"dtype", "F32"}, {"shape", std::vector<long>(t.dims, t.dims + t.rank)}, {"data_offsets", {at, end}}};
    at = end;
  }
  std::string text = header.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  text.append((8 - text.size() % 8) % 8, ' ');  // the numbers begin at a multiple of eight
  const std::uint64_t length = text.size();
  FileWriter out(path);
  out.write(&length, 8);
  out.write(text.data(), text.size());
  for (const NamedTensor& t : tensors) out.write(t.data, std::size_t(t.size()) * sizeof(float));
  out.commit();
}

}  // namespace strata
