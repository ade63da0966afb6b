// SPDX-License-Identifier: MIT
// Bytes as a sound, as images of CIFAR, and as a table of labels in each of its forms.
#include <strata/data/cifar.hpp>
#include <strata/data/label_table.hpp>
#include <strata/data/wav.hpp>

#include "../support/fuzz.hpp"
#include "../support/wav_files.hpp"

using namespace strata;
using namespace strata::core;
using namespace strata::data;

namespace {

template <class Use>
void try_to(Use&& use) {
  try {
    use();
  } catch (const Error&) {
  }
}

void check(const LabelTable& table) {
  const std::size_t files = table.files.size();
  if (table.targets_per_file == 0 ? table.labels.size() != files
                                  : table.targets.size() != files * std::size_t(table.targets_per_file))
    __builtin_trap();
  for (const std::int32_t label : table.labels)
    if (label >= table.classes) __builtin_trap();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const Bytes bytes(data, data + size);
  const std::string text(data, data + size);
  try_to([&] {
    const Wave wave = parse_wav(bytes, "f");
    if (wave.samples.size() % std::size_t(wave.channels) != 0) __builtin_trap();
    if (fit_wave(wave, 9, 1, "f").size() != 9) __builtin_trap();
  });
  try_to([&] {
    const CifarRecords records = parse_cifar10(bytes, "f");
    if (records.pixels.size() != 3072 * records.labels.size()) __builtin_trap();
  });
  try_to([&] { parse_cifar100(bytes, "f", true); });
  for (const CsvTargets targets :
       {CsvTargets::automatic, CsvTargets::classes, CsvTargets::names, CsvTargets::values, CsvTargets::tags})
    try_to([&] { check(parse_label_table(text, "f", {.targets = targets})); });
  return 0;
}

// A row of two bytes may have as many tags as there are rows, of which the most is 4096.
const testing::FuzzLimits testing::fuzz_limits{
    .bytes = 100'000, .bytes_per_byte = 2'000, .steps = 10'000, .steps_per_byte = 4'000};

std::vector<Bytes> testing::fuzz_seeds() {
  const auto bytes = [](const std::string& text) { return Bytes(text.begin(), text.end()); };
  const Bytes ten(3073, 7), hundred(3074, 5);
  return {wav_file({.channels = 2}, {1, 2, 3, 4}),
          wav_file({.kind = 3, .bits = 32, .extensible = true, .odd_chunk = true}, {0, 0, 0x20, 0x40}),
          wav_file({.bits = 24}, {1, 2, 3, 4, 5, 6}),
          ten,
          hundred,
          bytes("\xEF\xBB\xBF"
                "file,label\n\"a, b.png\",3\r\nc.png,-1\n"),
          bytes("a;cat\nb;\"dog \"\"x\"\"\"\n"),
          bytes("a,1.5,,2\nb,-1e5,3,4\n"),
          bytes("a,dog,cat\nb\nc,fish\n")};
}
