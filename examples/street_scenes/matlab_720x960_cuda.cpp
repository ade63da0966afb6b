// SPDX-License-Identifier: MIT
#include "compiled_cuda_network.hpp"

const street_scenes::CompiledNetwork street_scenes::matlab_720x960_cuda =
    street_scenes::compiled_for_cuda<720, 960, strata::MatlabLike>("720x960", "matlab");
