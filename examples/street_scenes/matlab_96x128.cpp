// SPDX-License-Identifier: MIT
#include "compiled_network.hpp"

const street_scenes::CompiledNetwork street_scenes::matlab_96x128 =
    street_scenes::compiled<96, 128, strata::MatlabLike>("96x128", "matlab");
