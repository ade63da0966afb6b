// SPDX-License-Identifier: MIT
// Bytes as a file of weights, loaded into a network: all or nothing, and only numbers that a network can predict with.
#include <strata/core/text/printable.hpp>
#include <strata/io/weights.hpp>

#include <algorithm>
#include <cmath>

#include "../support/fuzz.hpp"

using namespace strata;
using namespace strata::core;
using namespace strata::graph;
using namespace strata::io;

namespace {

/// A convolution, its batch norm, the input's normalization and two classes, as far as a file sees a network.
struct Small {
  static constexpr Shape output{1, 1, 2};
  std::vector<std::string> names{};
  void classes(std::vector<std::string> given) { names = std::move(given); }
  static NetworkHash hash() { return {}; }
  float values[4 + 1 + 1 + 1]{};
  std::vector<NamedTensor> tensors() {
    return {{"0.weight", 4, {1, 1, 2, 2}, values},
            {"1.running_mean", 1, {1, 1, 1, 1}, values + 4},
            {"1.running_var", 1, {1, 1, 1, 1}, values + 5},
            {"input.scale", 1, {1, 1, 1, 1}, values + 6}};
  }
};

Bytes file_of(const std::string& header, const Bytes& numbers) {
  Bytes out(8);
  for (int i = 0; i < 8; i++) out[std::size_t(i)] = (unsigned char)(header.size() >> 8 * i);
  out.insert(out.end(), header.begin(), header.end());
  out.insert(out.end(), numbers.begin(), numbers.end());
  return out;
}

/// A file of the whole network, in numbers of `bytes` bytes.
Bytes network_of(const std::string& dtype, int bytes, const std::string& metadata) {
  std::string header = "{" + metadata;
  int at = 0;
  for (const NamedTensor& tensor : Small().tensors()) {
    std::string shape;
    for (int d = 0; d < tensor.rank; d++) shape += (d ? "," : "") + std::to_string(tensor.dims[d]);
    const int end = at + int(tensor.size()) * bytes;
    header += (header.back() == '{' ? "\"" : ",\"") + tensor.name + "\":{\"dtype\":\"" + dtype + "\",\"shape\":[" +
              shape + "],\"data_offsets\":[" + std::to_string(at) + "," + std::to_string(end) + "]}";
    at = end;
  }
  return file_of(header + "}", Bytes(std::size_t(at), 0x3c));
}

/// Loads the bytes with these options: a refusal changes nothing, and what is accepted can predict.
void check(const Bytes& bytes, const LoadOptions& options) {
  Small small;
  try {
    const LoadReport report = load(small, parse_safetensors(bytes, "f"), options);
    if (report.taken.size() + report.missing.size() + report.kept.size() != small.tensors().size()) __builtin_trap();
    for (const char c : report.text())
      if (is_control(c)) __builtin_trap();
    for (const float v : small.values)
      if (!std::isfinite(v)) __builtin_trap();
    if (small.values[5] < 0) __builtin_trap();  // a variance
    if (small.names.size() != 0 && small.names.size() != 2) __builtin_trap();
    for (const std::string& name : small.names)
      if (printable(name) != name) __builtin_trap();
  } catch (const Error&) {
    for (const float v : small.values)
      if (v != 0) __builtin_trap();  // a refusal changes nothing
    if (!small.names.empty()) __builtin_trap();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const Bytes bytes(data, data + size);
  check(bytes, {});
  check(bytes, {.strip_prefix = "0.", .rename = {{"1.", "0."}}, .keep = {"1"}, .optional = {""}, .ignore = {""}});
  check(bytes, {.match = Match::order});
  return 0;
}

// Three loads.
const testing::FuzzLimits testing::fuzz_limits{
    .bytes = 30'000, .bytes_per_byte = 120, .steps = 30'000, .steps_per_byte = 360};

std::vector<Bytes> testing::fuzz_seeds() {
  std::string many = "{";  // names that the network does not have
  for (int i = 0; i < 300; i++)
    many += (i ? ",\"" : "\"") + std::to_string(i) + R"(":{"dtype":"F32","shape":[0],"data_offsets":[0,0]})";
  const std::string hash =
                        R"("__metadata__":{"strata.hash":")" + Small::hash().text() + R"(","strata.images":"1x1x1"})",
                    classes = R"("__metadata__":{"strata.classes":"[\"cat\",\"d\\u00f6g\"]"})";
  return {network_of("F32", 4, ""), network_of("F16", 2, hash),    network_of("BF16", 2, ""),
          network_of("F64", 8, ""), network_of("F32", 4, classes), file_of(many + "}", {})};
}
