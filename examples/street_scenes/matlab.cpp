// SPDX-License-Identifier: MIT
// The sizes share a file, as they share most of their kernels.
#include "compiled_network.hpp"

const street_scenes::CompiledNetwork street_scenes::matlab_96x128 =
    street_scenes::compiled<96, 128, strata::MatlabLike>("96x128", "matlab");
const street_scenes::CompiledNetwork street_scenes::matlab_360x480 =
    street_scenes::compiled<360, 480, strata::MatlabLike>("360x480", "matlab");
const street_scenes::CompiledNetwork street_scenes::matlab_720x960 =
    street_scenes::compiled<720, 960, strata::MatlabLike>("720x960", "matlab");
