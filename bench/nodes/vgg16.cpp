// SPDX-License-Identifier: MIT
#include <strata/models/vgg16.hpp>

#include <strata/benchmark.hpp>

STRATA_BENCHMARK_NAMED("vgg-16", strata::models::VGG16<>);
