// SPDX-License-Identifier: MIT
#include "../networks/mobilenet_v2.hpp"

#include <strata/benchmark.hpp>

STRATA_BENCHMARK_NAMED("mobilenet-v2", networks::MobileNetV2);
