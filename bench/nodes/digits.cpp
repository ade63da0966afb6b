// SPDX-License-Identifier: MIT
#include <strata/benchmark.hpp>
#include <strata/models/digits.hpp>

using namespace strata;

STRATA_BENCHMARK_NAMED("digits", Digits<8, 16, 32>);
