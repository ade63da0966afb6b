// SPDX-License-Identifier: MIT
// Feeds a fuzz target its seeds, every truncation of them, and damaged copies. What must not happen is a crash.
#include <strata/core/random.hpp>

#include <cstdio>
#include <cstdlib>

#include "fuzz.hpp"

using strata::Bytes;

namespace {

void damage(Bytes& bytes, strata::Random& random) {
  const int edits = 1 + int(random.below(6));
  for (int e = 0; e < edits; e++) {
    const std::size_t at = bytes.empty() ? 0 : random.below(bytes.size());
    switch (random.below(6)) {
      case 0:
        if (!bytes.empty()) bytes[at] = (unsigned char)(random.below(256));
        break;
      case 1:
        if (!bytes.empty()) bytes[at] ^= (unsigned char)(1u << random.below(8));
        break;
      case 2:
        for (std::size_t i = at; i < bytes.size() && i < at + 8; i++) bytes[i] = 0xFF;
        break;
      case 3: bytes.insert(bytes.begin() + long(at), (unsigned char)(random.below(256))); break;
      case 4:
        if (!bytes.empty()) bytes.erase(bytes.begin() + long(at));
        break;
      default: {
        const Bytes part(bytes.begin() + long(at), bytes.begin() + long(at + random.below(bytes.size() - at + 1)));
        bytes.insert(bytes.begin() + long(at), part.begin(), part.end());
      }
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  const long rounds = argc > 1 ? std::atol(argv[1]) : 20'000;
  const std::vector<Bytes> seeds = strata::testing::fuzz_seeds();
  long runs = 0;
  const auto run = [&](const Bytes& bytes) { LLVMFuzzerTestOneInput(bytes.data(), bytes.size()), runs++; };
  for (const Bytes& seed : seeds)
    for (std::size_t size = 0; size <= seed.size(); size++) run(Bytes(seed.begin(), seed.begin() + long(size)));
  strata::Random random{1, 0};
  for (long i = 0; i < rounds; i++) {
    Bytes bytes = seeds[random.below(seeds.size())];
    damage(bytes, random);
    run(bytes);
  }
  std::printf("%ld inputs\n", runs);
}
