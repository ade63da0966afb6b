// SPDX-License-Identifier: MIT
#include <strata/core/compile_once.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <vector>

#include "../support/training_bits.hpp"

TEST_CASE("headers alone and strata::kernels give the same bits") {
  const std::vector<std::uint64_t> inlined = training_bits_of_headers(), once = training_bits_of_kernels();
  CHECK(inlined.size() > 20'000);
  REQUIRE(inlined.size() == once.size());
  const auto first = std::mismatch(inlined.begin(), inlined.end(), once.begin()).first;
  CHECK_MESSAGE(first == inlined.end(), "number ", first - inlined.begin(), " differs");
}
