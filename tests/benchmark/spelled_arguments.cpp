// SPDX-License-Identifier: MIT
#include <strata/benchmark/spelled_arguments.hpp>

#include <doctest/doctest.h>

using strata::benchmarks::spelled_arguments;

TEST_CASE("arguments are split at the commas outside all brackets") {
  const auto parts = [](const char* text) { return spelled_arguments(text); };
  using Parts = std::vector<std::string>;
  CHECK(parts("Digits") == Parts{"Digits"});
  CHECK(parts("Digits<8, 16, 32>") == Parts{"Digits<8, 16, 32>"});
  CHECK(parts("Digits<8, 16>, Reference,CudaWith<Fp16>") == Parts{"Digits<8, 16>", "Reference", "CudaWith<Fp16>"});
  CHECK(parts("Net<Image<8, 8, 1>, std::array{1, 2}, f(1, 2)>, B") ==
        Parts{"Net<Image<8, 8, 1>, std::array{1, 2}, f(1, 2)>", "B"});
  CHECK(parts("Net<(1 > 0), 2>, B") == Parts{"Net<(1 > 0), 2>", "B"});
  CHECK(parts("Net<Tap<\"a,\\\">b\">>, B") == Parts{"Net<Tap<\"a,\\\">b\">>", "B"});
}
