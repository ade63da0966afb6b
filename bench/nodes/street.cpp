// SPDX-License-Identifier: MIT
// DeepLabv3+ on ResNet-18 as bench_models runs it. Both sizes are in one file, since they share most of their kernels.
#include <strata/benchmark.hpp>
#include <strata/models/deeplab_v3_plus.hpp>

using namespace strata;

template <int Rows, int Columns>
using Street = DeepLabv3Plus<Image<Rows, Columns, 3>, 11, models::TorchvisionLike>;

STRATA_BENCHMARK_NAMED("street-360", Street<360, 480>);
STRATA_BENCHMARK_NAMED("street", Street<720, 960>);
