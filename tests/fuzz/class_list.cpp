// SPDX-License-Identifier: MIT
// Bytes as a list of classes, in each of its forms.
#include <strata/data/class_list.hpp>

#include "../support/fuzz.hpp"

using namespace strata;
using namespace strata::core;
using namespace strata::data;

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const std::string text(data, data + size);
  for (const auto parse : {parse_class_list, parse_class_dict, parse_class_names}) try {
      const ClassList list = parse(text, "f");
      if (list.empty() || list.size() > std::size_t(most_classes) + 1) __builtin_trap();
      for (const ClassEntry& entry : list)
        if (entry.name.empty()) __builtin_trap();
    } catch (const Error&) {
    }
  return 0;
}

const testing::FuzzLimits testing::fuzz_limits{
    .bytes = 10'000, .bytes_per_byte = 60, .steps = 10'000, .steps_per_byte = 400};

std::vector<Bytes> testing::fuzz_seeds() {
  const auto bytes = [](const std::string& text) { return Bytes(text.begin(), text.end()); };
  std::string many;
  for (int i = 0; i < 255; i++) many += std::to_string(i) + " 0 1 class " + std::to_string(i) + "\n";
  return {bytes("# R G B name\n128 64 0 Road\r\n0,0,0\tVoid\n"),
          bytes("\xEF\xBB\xBF"
                "1 2 3 B\xC3\xA4ume und B\xC3\xBCsche\n"),
          bytes("4 5 6 sky\n4 5 7 sky\n"), bytes("name,r,g,b\n\"Road, wet\",128,64,128\r\nVoid, 0, 0, 0\n"),
          bytes(many)};
}
