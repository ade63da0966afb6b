// SPDX-License-Identifier: MIT
#include "compiled_network.hpp"

const street_scenes::CompiledNetwork street_scenes::torchvision_720x960 =
    street_scenes::compiled<720, 960, strata::TorchvisionLike>("720x960", "torchvision");
