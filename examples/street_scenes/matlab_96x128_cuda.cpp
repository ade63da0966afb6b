// SPDX-License-Identifier: MIT
#include "compiled_cuda_network.hpp"

const street_scenes::CompiledNetwork street_scenes::matlab_96x128_cuda =
    street_scenes::compiled_for_cuda<96, 128, strata::MatlabLike>("96x128", "matlab");
