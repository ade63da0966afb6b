// SPDX-License-Identifier: MIT
#include "compiled_network.hpp"

const street_scenes::CompiledNetwork street_scenes::matlab_720x960 =
    street_scenes::compiled<720, 960, strata::MatlabLike>("720x960", "matlab");
