// SPDX-License-Identifier: MIT
#include "../networks/u_net.hpp"

#include <strata/benchmark.hpp>

STRATA_BENCHMARK_NAMED("u-net", networks::UNet);
