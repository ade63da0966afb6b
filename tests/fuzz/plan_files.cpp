// SPDX-License-Identifier: MIT
// Bytes as a file of a cuDNN plan, as they are and with a corrected checksum.
#include <strata/cuda/cudnn/plan_files.hpp>

#include <algorithm>

#include "../support/fuzz.hpp"

using namespace strata;
using namespace strata::core;
using strata::cuda::cudnn::PlanFiles;

namespace {

const std::string key = "graph of a convolution";

void parse(const std::string& file) {
  if (const auto stored = PlanFiles::parse(file, key))
    if (key.size() + stored->engine.size() + stored->notes.size() + stored->plan.size() >= file.size())
      __builtin_trap();
}

/// The file with the checksum of what follows the second line as that line's last word.
std::string repaired(std::string file) {
  const std::size_t first = file.find('\n'), second = first == file.npos ? first : file.find('\n', first + 1);
  if (second == file.npos) return file;
  const std::size_t word = file.rfind(' ', second);
  if (word == file.npos || word < first) return file;
  const std::string sum = hexadecimal(PlanFiles::hash(std::string_view(file).substr(second + 1)));
  return file.replace(word + 1, second - word - 1, sum);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const std::string file(data, data + size);
  parse(file);
  parse(repaired(file));
  return 0;
}

const testing::FuzzLimits testing::fuzz_limits{
    .bytes = 3'000, .bytes_per_byte = 10, .steps = 2'000, .steps_per_byte = 8};

std::vector<Bytes> testing::fuzz_seeds() {
  std::vector<Bytes> out;
  for (const std::string& engine : {std::string("engine 7"), std::string()}) {
    const std::string file = PlanFiles::file_of(key, {engine, "driver 13000", {1, 2, 3, 4, 5, 250, 251}});
    out.emplace_back(file.begin(), file.end());
  }
  return out;
}
