// SPDX-License-Identifier: MIT
// Bytes as the list of the training images, and as that of the validation images.
#include <strata/data/split_lists.hpp>

#include <fstream>

#include "../support/fuzz.hpp"
#include "../support/temporary_folder.hpp"

using namespace strata;
using namespace strata::core;
using namespace strata::data;

namespace {

const std::vector<ImagePair>& images() {
  static const std::vector<ImagePair> all = [] {
    std::vector<ImagePair> out;
    for (const char* stem : {"0001TP_006690", "a b", "a.b", "b", "b"})
      out.push_back({std::string("images/") + stem + ".png", std::string("labels/") + stem + ".png"});
    for (int i = 100; i < 120; i++) out.push_back({sentence("images/c", i, ".jpg"), sentence("labels/c", i, ".png")});
    return out;
  }();
  return all;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  static const testing::TemporaryFolder folder;
  for (const char* name : {"/train.txt", "/valid.txt"}) {
    const std::string list = folder.path() + name;
    std::ofstream(list).write(reinterpret_cast<const char*>(data), std::streamsize(size));
    try {
      const SplitParts parts = split_by_lists(images(), folder.path());
      if (parts.train.empty() || parts.train.size() + parts.validation.size() > images().size()) __builtin_trap();
    } catch (const Error&) {
    }
    std::filesystem::remove(list);
  }
  return 0;
}

// The cost: first the image names are sorted; then some words of each line are searched for among them.
const testing::FuzzLimits testing::fuzz_limits{
    .bytes = 100'000, .bytes_per_byte = 150, .steps = 80'000, .steps_per_byte = 600};

std::vector<Bytes> testing::fuzz_seeds() {
  const auto bytes = [](const std::string& text) { return Bytes(text.begin(), text.end()); };
  std::string many, words = "c100.jpg";
  for (int i = 100; i < 120; i++)
    many += sentence("/SegNet/CamVid/train/c", i, ".png /SegNet/CamVid/trainannot/c", i, ".png\n");
  for (int i = 0; i < 4000; i++) words += " b";
  return {bytes("0001TP_006690.png\na b\r\na.b.png\n"),
          bytes("\xEF\xBB\xBF"
                "b\n"),
          bytes("c101\n\nc101\n"), bytes(many), bytes(words)};
}
