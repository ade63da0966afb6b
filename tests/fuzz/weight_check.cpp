// SPDX-License-Identifier: MIT
// Bytes as the text of a weight file's check: what is accepted is one, and its text reads back the same.
#include <strata/io/weight_check.hpp>

#include "../support/fuzz.hpp"

using namespace strata;
using namespace strata::core;
using namespace strata::io;

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  try {
    const WeightCheck check = io::detail::parse_check(std::string(data, data + size), "f");
    const std::string text = io::detail::text_of(check);
    if (text.empty() || check.outputs.empty() || check.outputs.size() > check.of) __builtin_trap();
    const WeightCheck again = io::detail::parse_check(text, "f");
    if (again.seed != check.seed || again.of != check.of || again.input.mean != check.input.mean ||
        again.outputs != check.outputs)
      __builtin_trap();
  } catch (const Error&) {
  }
  return 0;
}

const testing::FuzzLimits testing::fuzz_limits{
    .bytes = 10'000, .bytes_per_byte = 100, .steps = 10'000, .steps_per_byte = 120};

std::vector<Bytes> testing::fuzz_seeds() {
  std::vector<Bytes> out;
  WeightCheck many{7, {{1, 2}, {3, 4}}, 5000, {}};
  for (int i = 0; i < 1024; i++) many.outputs.push_back(0.37f * float(i));
  for (const std::string& text :
       {std::string(R"({"seed":1,"mean":[33],"deviation":[78.5],"of":3,"outputs":[0.1,0.25,0.65]})"),
        std::string(R"({"outputs": [-1e-30], "more": [[]], "mean": [0, 1], "deviation": [1], "of": 1, "seed": 0})"),
        io::detail::text_of(many)})
    out.emplace_back(text.begin(), text.end());
  return out;
}
