// SPDX-License-Identifier: MIT
#include "compiled_cuda_network.hpp"

const street_scenes::CompiledNetwork street_scenes::matlab_96x128_cuda =
    street_scenes::compiled_for_cuda<96, 128, strata::MatlabLike>("96x128", "matlab");
const street_scenes::CompiledNetwork street_scenes::matlab_360x480_cuda =
    street_scenes::compiled_for_cuda<360, 480, strata::MatlabLike>("360x480", "matlab");
const street_scenes::CompiledNetwork street_scenes::matlab_720x960_cuda =
    street_scenes::compiled_for_cuda<720, 960, strata::MatlabLike>("720x960", "matlab");
