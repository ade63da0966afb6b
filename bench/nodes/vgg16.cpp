// SPDX-License-Identifier: MIT
#include "../networks/vgg16.hpp"

#include <strata/benchmark.hpp>

STRATA_BENCHMARK_NAMED("vgg-16", networks::VGG16);
