// SPDX-License-Identifier: MIT
#include <strata/benchmark/control.hpp>

#include <doctest/doctest.h>

#include <string>

using namespace strata;
using namespace strata::benchmarks;

TEST_CASE("control cases do the same work for each worker") {
  core::Workers one(1), two(2);
  const FmaControl fma(one), fma_of_two(two);
  fma(), fma_of_two();
  CHECK(fma.flops() > 1e6);
  CHECK(fma_of_two.flops() == 2 * fma.flops());
  const MemoryControl memory(two);
  memory(), memory();
  CHECK(memory.bytes() == 2 * 3 * (32 << 20));
  for (const char* name : {FmaControl::name, MemoryControl::name})
    CHECK_MESSAGE(std::string(name).starts_with(control_prefix), name);
}
