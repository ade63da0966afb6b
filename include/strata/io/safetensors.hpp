// SPDX-License-Identifier: MIT
// The safetensors file format: the size of a JSON header (64 bits, little-endian), the header, then the numbers of all
// tensors without gaps. The header maps each name to {"dtype", "shape", "data_offsets": [begin, end]}, and
// "__metadata__" to an object of strings. Source: https://github.com/huggingface/safetensors#format. Needs
// strata::safetensors (nlohmann-json).
#pragma once

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <limits>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include <strata/core/error.hpp>
#include <strata/core/files/file.hpp>
#include <strata/core/half.hpp>
#include <strata/core/named_tensor.hpp>
#include <strata/core/text/neutral_locale.hpp>
#include <strata/io/other_formats.hpp>
#include <strata/io/safetensors_header.hpp>

namespace strata::io {

using core::float_of_bfloat16;
using core::float_of_half;
using core::half_of_float;

/// A safetensors file in memory.
struct Safetensors {
  std::string name;                      ///< of the file
  core::Bytes bytes;                     ///< the whole file
  Metadata metadata{};                   ///< words under words
  std::vector<StoredTensor> tensors{};   ///< in the order of their data in the file
  std::vector<std::uint32_t> by_name{};  ///< indices into `tensors` for find(), set by index_by_name

  /// The tensor of that name; null: there is none.
  const StoredTensor* find(const std::string& tensor) const {
    const auto place =
        std::lower_bound(by_name.begin(), by_name.end(), tensor,
                         [&](std::uint32_t at, const std::string& sought) { return tensors[at].name < sought; });
    return place != by_name.end() && tensors[*place].name == tensor ? &tensors[*place] : nullptr;
  }
};

/// Rebuilds by_name; call it after names are set or changed. Throws Error if two tensors have the same name.
inline void index_by_name(Safetensors& file) {
  file.by_name.resize(file.tensors.size());
  std::iota(file.by_name.begin(), file.by_name.end(), 0u);
  const auto name_at = [&](std::uint32_t at) -> const std::string& { return file.tensors[at].name; };
  std::sort(file.by_name.begin(), file.by_name.end(),
            [&](std::uint32_t a, std::uint32_t b) { return name_at(a) < name_at(b); });
  for (std::size_t i = 1; i < file.by_name.size(); i++)
    if (name_at(file.by_name[i]) == name_at(file.by_name[i - 1]))
      throw Error(file.name, ": its header names the tensor '", detail::shown(name_at(file.by_name[i])),
                  "' twice; get the file again");
}

/// Parses a file in memory; `name` is for error messages. The content is untrusted: throws Error if any of it is
/// invalid.
inline Safetensors parse_safetensors(core::Bytes bytes, const std::string& name) {
  Safetensors out{.name = name, .bytes = std::move(bytes)};
  if (out.bytes.size() < 8) throw Error(name, ": is too short for a safetensors file; get the file again");
  std::uint64_t length;
  std::memcpy(&length, out.bytes.data(), 8);
  if (length > detail::safetensors_header_limit || length > out.bytes.size() - 8) {
    const std::string recognized = detail::recognized_format(out.bytes);
    if (!recognized.empty()) throw Error(name, ": ", recognized);
    throw Error(name, ": says that its header has ", core::hexadecimal(length),
                " (hexadecimal) bytes, more than the file has; is it a complete safetensors file?");
  }
  const std::size_t data = 8 + std::size_t(length);
  detail::SafetensorsHeader header(data, out.bytes.size() - data, name);
  const core::NeutralLocale neutral;
  nlohmann::json::sax_parse(out.bytes.data() + 8, out.bytes.data() + data, &header);
  out.metadata = std::move(header.metadata);
  out.tensors = std::move(header.tensors);
  std::sort(out.tensors.begin(), out.tensors.end(), [](const StoredTensor& a, const StoredTensor& b) {
    return std::pair(a.begin, a.end) < std::pair(b.begin, b.end);
  });
  index_by_name(out);
  std::size_t at = data;
  for (const StoredTensor& t : out.tensors) {
    if (t.begin != at)
      throw Error(name, ": tensor '", detail::shown(t.name), "' overlaps another or leaves a gap; get the file again");
    at = t.end;
  }
  if (at != out.bytes.size())
    throw Error(name, ": holds ", out.bytes.size() - at, " bytes that belong to no tensor; get the file again");
  return out;
}

/// Reads and parses a file. Throws Error if it cannot be read or is invalid.
inline Safetensors read_safetensors(const std::string& path) { return parse_safetensors(core::read_file(path), path); }

/// The same tensors with `prefix` removed from the names that begin with it: strip_prefix(file, "module."). Throws
/// Error if two names become the same.
inline Safetensors strip_prefix(Safetensors file, const std::string& prefix) {
  for (StoredTensor& t : file.tensors)
    if (t.name.starts_with(prefix)) t.name.erase(0, prefix.size());
  index_by_name(file);
  return file;
}

/// Whether copy_floats can read the tensor.
inline bool has_floats(const StoredTensor& tensor) {
  return tensor.dtype == "F32" || tensor.dtype == "F64" || tensor.dtype == "F16" || tensor.dtype == "BF16";
}

namespace detail {

/// The nearest float; infinite beyond the range.
inline float float_of_double(double x) {
  constexpr float infinity = std::numeric_limits<float>::infinity();
  constexpr double most = std::numeric_limits<float>::max(), beyond = 0x1.ffffffp127;  // half a step above
  if (x >= beyond || x <= -beyond) return x > 0 ? infinity : -infinity;
  return float(x > most ? most : x < -most ? -most : x);
}

template <class Number>
Number number_at(const unsigned char* bytes) {
  Number out;
  std::memcpy(&out, bytes, sizeof out);
  return out;
}

/// Calls f(float) for each number of a tensor of type F64, F32, F16 or BF16; throws Error for other types.
template <class F>
void each_float(const Safetensors& file, const StoredTensor& tensor, F&& f) {
  const unsigned char *at = file.bytes.data() + tensor.begin, *end = file.bytes.data() + tensor.end;
  if (tensor.dtype == "F32") {
    for (; at != end; at += 4) f(number_at<float>(at));
  } else if (tensor.dtype == "F64") {
    for (; at != end; at += 8) f(float_of_double(number_at<double>(at)));
  } else if (tensor.dtype == "F16") {
    for (; at != end; at += 2) f(float_of_half(number_at<std::uint16_t>(at)));
  } else if (tensor.dtype == "BF16") {
    for (; at != end; at += 2) f(float_of_bfloat16(number_at<std::uint16_t>(at)));
  } else {
    throw Error(file.name, ": tensor '", shown(tensor.name), "' has the type ", shown(tensor.dtype),
                "; give F64, F32, F16 or BF16");
  }
}

}  // namespace detail

/// Copies the numbers of a tensor of type F64 (rounded), F32, F16 or BF16 to `to`, as floats in the order of the file.
/// Throws Error for other types.
inline void copy_floats(const Safetensors& file, const StoredTensor& tensor, float* to) {
  detail::each_float(file, tensor, [&](float number) { *to++ = number; });
}

/// The precision in which parameters are written.
enum class SavePrecision : unsigned char {
  fp32,  ///< as they are
  fp16   ///< rounded to nearest; running means, variances and the input's normalization stay F32
};

namespace detail {

/// Whether the tensor is always written as F32: normalization has few numbers, whose rounding would shift all later
/// values.
inline bool stays_f32(const core::ConstNamedTensor& tensor) {
  return tensor.name.ends_with("running_mean") || tensor.name.ends_with("running_var") ||
         tensor.name.starts_with("input.");
}

/// The numbers as binary16. Throws Error if one is infinite or out of range; path: for the message.
inline std::vector<std::uint16_t> halves_of(const core::ConstNamedTensor& tensor, const std::string& path) {
  std::vector<std::uint16_t> out(std::size_t(tensor.size()));
  for (std::size_t i = 0; i < out.size(); i++) {
    out[i] = half_of_float(tensor.data[i]);
    if ((out[i] & 0x7FFFu) == 0x7C00u)
      throw Error(path, ": tensor '", shown(tensor.name), "' holds ", double(tensor.data[i]), " at position ", i,
                  ", beyond the 65504 that 16 bits can hold; save it with SavePrecision::fp32");
  }
  return out;
}

}  // namespace detail

/// Writes the tensors atomically: the path holds the old file or the new one, whatever happens. With fp16, the 32-bit
/// tensors come first, so that every tensor is aligned to its width. Throws Error if the file cannot be written or,
/// with fp16, a number is out of range.
inline void write_safetensors(const std::string& path, std::vector<core::ConstNamedTensor> tensors,
                              const Metadata& metadata = {}, SavePrecision precision = SavePrecision::fp32) {
  const bool all = precision == SavePrecision::fp32;
  const auto wide = [&](const core::ConstNamedTensor& t) { return all || detail::stays_f32(t); };
  std::stable_partition(tensors.begin(), tensors.end(), wide);
  std::vector<std::vector<std::uint16_t>> halves;  // one per tensor that is not wide
  nlohmann::ordered_json header;
  if (!metadata.empty()) header["__metadata__"] = metadata;
  std::uint64_t at = 0;
  for (const core::ConstNamedTensor& t : tensors) {
    if (!wide(t)) halves.push_back(detail::halves_of(t, path));
    const std::uint64_t end = at + std::uint64_t(t.size()) * (wide(t) ? 4 : 2);
    header[t.name] = {{"dtype", wide(t) ? "F32" : "F16"},
                      {"shape", std::vector<long>(t.dims, t.dims + t.rank)},
                      {"data_offsets", {at, end}}};
    at = end;
  }
  std::string text = header.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  text.append((8 - text.size() % 8) % 8, ' ');  // the data begins at a multiple of eight
  const std::uint64_t length = text.size();
  core::FileWriter out(path);
  out.write(&length, 8);
  out.write(text.data(), text.size());
  for (const core::ConstNamedTensor& t : tensors)
    if (wide(t)) out.write(t.data, std::size_t(t.size()) * sizeof(float));
  for (const std::vector<std::uint16_t>& numbers : halves)
    out.write(numbers.data(), numbers.size() * sizeof(std::uint16_t));
  out.commit();
}
template <std::same_as<float> Float>  // so that {} is a list of tensors to read
void write_safetensors(const std::string& path, const std::vector<core::BasicNamedTensor<Float>>& tensors,
                       const Metadata& metadata = {}, SavePrecision precision = SavePrecision::fp32) {
  write_safetensors(path, std::vector<core::ConstNamedTensor>(tensors.begin(), tensors.end()), metadata, precision);
}

}  // namespace strata::io
