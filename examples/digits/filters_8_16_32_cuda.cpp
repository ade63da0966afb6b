// SPDX-License-Identifier: MIT
#include <strata/cuda.hpp>
#include <strata/cuda/cost.hpp>

#include "compiled_network.hpp"

namespace {

using Net = strata::Digits<8, 16, 32>;

long training_bytes(int batch, int) { return strata::cuda::value_bytes<Net, strata::Cuda, strata::graph::Mode::training>(batch); }

}  // namespace

const digits::CompiledNetwork digits::filters_8_16_32_cuda{.filters = "8,16,32",
                                                           .device = strata::Cuda::name,
                                                           .facts = &facts<Net>,
                                                           .training_bytes = &training_bytes,
                                                           .train = &train<Net, strata::Cuda>,
                                                           .predict = &predict<Net, strata::Cuda>};
