// SPDX-License-Identifier: MIT
#include <strata/models/mobilenet_v2.hpp>

#include <strata/benchmark.hpp>

STRATA_BENCHMARK_NAMED("mobilenet-v2", strata::models::MobileNetV2<>);
