// SPDX-License-Identifier: MIT
// With half as many channels as the paper's.
#include <strata/models/unet.hpp>

#include <strata/benchmark.hpp>

using UNet = strata::models::UNet<strata::Image<256, 256, 3>, 2, 32>;

STRATA_BENCHMARK_NAMED("u-net", UNet);
