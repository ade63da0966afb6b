// SPDX-License-Identifier: MIT
// Feeds a fuzz target its seeds, their truncations, and damaged copies. What must not happen is a crash, or an input
// that costs more than its size allows.
#include <strata/core/random.hpp>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "allocations.hpp"
#include "fuzz.hpp"
#include "steps.hpp"

using strata::core::Bytes;

namespace {

void damage(Bytes& bytes, strata::core::Random& random) {
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

using strata::testing::fuzz_limits;

/// The cost of an input, and its limits.
struct Cost {
  long bytes = 0, steps = 0, most_bytes = 1, most_steps = 1;
  double bytes_used() const { return double(bytes) / double(most_bytes); }
  double steps_used() const { return double(steps) / double(most_steps); }
};

Cost cost_of(const Bytes& input) {
  const long allocated = strata::testing::allocated_so_far, size = long(input.size());
  const long steps = strata::testing::steps([&] { LLVMFuzzerTestOneInput(input.data(), input.size()); });
  return {strata::testing::allocated_so_far - allocated, steps, fuzz_limits.bytes + size * fuzz_limits.bytes_per_byte,
          fuzz_limits.steps + size * fuzz_limits.steps_per_byte};
}

/// Keeps an input that is too expensive, for a debugger.
[[noreturn]] void refuse(const Bytes& input, const Cost& cost) {
  const char* file = "fuzz-too-expensive.bin";
  strata::core::write_file(file, input);
  std::printf("an input of %zu bytes (%s) needs %ld bytes of memory and %ld steps; its limits are %ld and %ld\n",
              input.size(), file, cost.bytes, cost.steps, cost.most_bytes, cost.most_steps);
  std::exit(1);
}

}  // namespace

int main(int argc, char** argv) {
  const long rounds = argc > 1 ? std::atol(argv[1]) : 20'000;
  strata::testing::count_allocations();
  const std::vector<Bytes> seeds = strata::testing::fuzz_seeds();
  for (const Bytes& seed : seeds) cost_of(seed);  // excludes what is made once and kept from the cost of an input
  long runs = 0;
  Cost most_bytes, most_steps;  // the inputs that came closest to their limits
  const auto run = [&](const Bytes& input) {
    const Cost cost = cost_of(input);
    if (cost.bytes > cost.most_bytes || cost.steps > cost.most_steps) refuse(input, cost);
    if (cost.bytes_used() > most_bytes.bytes_used()) most_bytes = cost;
    if (cost.steps_used() > most_steps.steps_used()) most_steps = cost;
    runs++;
  };
  for (const Bytes& seed : seeds) {
    for (std::size_t size = 0; size < seed.size(); size += std::max<std::size_t>(1, seed.size() / 1000))
      run(Bytes(seed.begin(), seed.begin() + long(size)));
    run(seed);
  }
  strata::core::Random random{1, 0};
  for (long i = 0; i < rounds; i++) {
    Bytes bytes = seeds[random.below(seeds.size())];
    damage(bytes, random);
    run(bytes);
  }
  std::printf(
      "%ld inputs; of its limits, an input used at most %.0f %% of the memory (%ld bytes) and %.0f %% of the steps "
      "(%ld)\n",
      runs, 100 * most_bytes.bytes_used(), most_bytes.bytes, 100 * most_steps.steps_used(), most_steps.steps);
}
