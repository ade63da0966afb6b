// SPDX-License-Identifier: MIT
#include <strata/models/resnet50.hpp>

#include <strata/benchmark.hpp>

STRATA_BENCHMARK_NAMED("resnet-50", strata::models::ResNet50<>);
