// SPDX-License-Identifier: MIT
// Bytes as an IDX file of labels and of images, plain or packed.
#include <strata/data/idx.hpp>

#include "../support/fuzz.hpp"
#include "../support/gzip.hpp"

using namespace strata;
using namespace strata::core;
using namespace strata::data;

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const Bytes bytes(data, data + size);
  for (int rank : {1, 3}) try {
      const Idx idx = parse_idx(bytes, rank, "f");
      if (idx.numbers.size() != std::size_t(idx.dims[0]) * idx.dims[1] * idx.dims[2]) __builtin_trap();
      // Labels only where there are pixels: a header may promise four billion images without rows.
      if (rank == 3 && !idx.numbers.empty())
        pair_idx(idx, parse_idx(testing::idx({idx.dims[0]}, Bytes(idx.dims[0], 1)), 1, "l"), 10, "f", "l");
    } catch (const Error&) {
    }
  return 0;
}

// A packed byte becomes 1032 bytes at most (https://zlib.net/zlib_tech.html).
const testing::FuzzLimits testing::fuzz_limits{
    .bytes = 500'000, .bytes_per_byte = 2 * 1032, .steps = 1'000, .steps_per_byte = 4 * 1032};

std::vector<Bytes> testing::fuzz_seeds() {
  const Bytes images = idx({2, 2, 2}, {1, 2, 3, 4, 5, 6, 7, 8}), labels = idx({3}, {1, 2, 3});
  return {images, labels, gzip(images), gzip(labels), {}};
}
