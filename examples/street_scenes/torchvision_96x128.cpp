// SPDX-License-Identifier: MIT
#include "compiled_network.hpp"

const street_scenes::CompiledNetwork street_scenes::torchvision_96x128 =
    street_scenes::compiled<96, 128, strata::TorchvisionLike>("96x128", "torchvision");
