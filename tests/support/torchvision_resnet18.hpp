// SPDX-License-Identifier: MIT
// A safetensors file like that of torchvision's ResNet-18: 122 tensors with its names. The numbers are multiples of
// 1/64 below 2, which are exact in 16-bit floats.
#pragma once

#include <strata/core/files/file.hpp>

#include <array>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

namespace strata::testing {

struct TensorEntry {
  std::string name;
  std::vector<long> dims;
  std::string dtype = "F32";

  long size() const {
    long size = 1;
    for (long dim : dims) size *= dim;
    return size;
  }
};

/// Where the numbers of the tensor of that name start.
inline std::uint32_t start_of(const std::string& name) {
  std::uint32_t start = 0;
  for (char c : name) start = start * 31 + std::uint32_t(c);
  return start % 127;
}

/// Element i of a tensor.
inline float number_of(std::uint32_t start, long i) { return float((start + 7 * i) % 127) / 64; }
inline float number_of(const std::string& name, long i) { return number_of(start_of(name), i); }

/// state_dict() of resnet18(num_classes = 1000), with one type for all floating-point tensors; for other depths, blocks
/// are named as torchvision would.
inline std::vector<TensorEntry> torchvision_resnet18(const std::string& dtype = "F32",
                                                     const std::array<int, 4>& depths = {2, 2, 2, 2}) {
  std::vector<TensorEntry> entries;
  const auto norm = [&](const std::string& name, long channels) {
    for (const char* leaf : {".weight", ".bias", ".running_mean", ".running_var"})
      entries.push_back({name + leaf, {channels}, dtype});
    entries.push_back({name + ".num_batches_tracked", {}, "I64"});
  };
  entries.push_back({"conv1.weight", {64, 3, 7, 7}, dtype});
  norm("bn1", 64);
  for (long layer = 1, in = 64; layer <= 4; layer++)
    for (long block = 0; block < depths[std::size_t(layer - 1)]; block++) {
      const long out = 32L << layer;
      const std::string name = "layer" + std::to_string(layer) + "." + std::to_string(block);
      entries.push_back({name + ".conv1.weight", {out, in, 3, 3}, dtype});
      norm(name + ".bn1", out);
      entries.push_back({name + ".conv2.weight", {out, out, 3, 3}, dtype});
      norm(name + ".bn2", out);
      if (in != out) {
        entries.push_back({name + ".downsample.0.weight", {out, in, 1, 1}, dtype});
        norm(name + ".downsample.1", out);
      }
      in = out;
    }
  entries.push_back({"fc.weight", {1000, 512}, dtype});
  entries.push_back({"fc.bias", {1000}, dtype});
  return entries;
}

/// The same tensors with `prefix` before their names.
inline std::vector<TensorEntry> prefixed(const std::string& prefix, std::vector<TensorEntry> entries) {
  for (TensorEntry& entry : entries) entry.name.insert(0, prefix);
  return entries;
}

/// The bits of a multiple of 1/64 below 2 as a 16-bit float.
inline std::uint16_t bits16(float x, const std::string& dtype) {
  std::uint32_t bits;
  std::memcpy(&bits, &x, 4);
  if (dtype == "BF16") return std::uint16_t(bits >> 16);
  return x == 0 ? std::uint16_t(0) : std::uint16_t((bits >> 23) - 112) << 10 | (bits >> 13 & 0x3FF);
}

/// The file's bytes; each number is number_of(name, i), or 1 where it is an integer.
inline core::Bytes safetensors_of(const std::vector<TensorEntry>& entries) {
  std::string header = "{";
  core::Bytes numbers;
  for (const TensorEntry& entry : entries) {
    const std::size_t begin = numbers.size(), width = entry.dtype == "I64" ? 8 : entry.dtype == "F32" ? 4 : 2;
    const std::uint32_t start = start_of(entry.name);
    const long size = entry.size();
    numbers.resize(begin + width * std::size_t(size));
    for (long i = 0; i < size; i++) {
      unsigned char* to = numbers.data() + begin + width * std::size_t(i);
      const float x = number_of(start, i);
      const std::uint16_t half = bits16(x, entry.dtype);
      if (width == 8) *to = 1;  // little-endian
      if (width == 4) std::memcpy(to, &x, 4);
      if (width == 2) std::memcpy(to, &half, 2);
    }
    header +=
        (header.size() > 1 ? "," : "") + ("\"" + entry.name) + "\":{\"dtype\":\"" + entry.dtype + "\",\"shape\":[";
    for (std::size_t d = 0; d < entry.dims.size(); d++) header += (d ? "," : "") + std::to_string(entry.dims[d]);
    header += "],\"data_offsets\":[" + std::to_string(begin) + "," + std::to_string(numbers.size()) + "]}";
  }
  header += "}";
  core::Bytes file(8 + header.size() + numbers.size());
  const std::uint64_t length = header.size();
  std::memcpy(file.data(), &length, 8);
  std::memcpy(file.data() + 8, header.data(), header.size());
  if (!numbers.empty()) std::memcpy(file.data() + 8 + header.size(), numbers.data(), numbers.size());
  return file;
}

}  // namespace strata::testing
