// SPDX-License-Identifier: MIT
#include "../networks/resnet50.hpp"

#include <strata/benchmark.hpp>

STRATA_BENCHMARK_NAMED("resnet-50", networks::ResNet50);
