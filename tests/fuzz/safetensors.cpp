// SPDX-License-Identifier: MIT
// Bytes as a file of weights.
#include <strata/io/safetensors.hpp>

#include "../support/fuzz.hpp"

using namespace strata;
using namespace strata::core;
using namespace strata::io;

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  try {
    const Safetensors file = parse_safetensors(Bytes(data, data + size), "f");
    for (const StoredTensor& tensor : file.tensors) {
      std::vector<float> floats((tensor.end - tensor.begin) / 2 + 1);
      try {
        copy_floats(file, tensor, floats.data());
      } catch (const Error&) {
      }
    }
  } catch (const Error&) {
  }
  return 0;
}

const testing::FuzzLimits testing::fuzz_limits{
    .bytes = 4'000, .bytes_per_byte = 50, .steps = 4'000, .steps_per_byte = 100};

std::vector<Bytes> testing::fuzz_seeds() {
  const auto file = [](std::string header, std::size_t data) {
    Bytes out(8);
    out[0] = (unsigned char)(header.size()), out[1] = (unsigned char)(header.size() >> 8);
    out.insert(out.end(), header.begin(), header.end());
    out.resize(out.size() + data, 7);
    return out;
  };
  return {
      file("{}", 0), file(R"({"__metadata__":{"a":"b"},"w":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]}})", 8),
      file(
          R"({"h":{"dtype":"F16","shape":[2],"data_offsets":[0,4]},"b":{"dtype":"BF16","shape":[1],"data_offsets":[4,6]}})",
          6)};
}
