// SPDX-License-Identifier: MIT
#include "compiled_network.hpp"

const street_scenes::CompiledNetwork street_scenes::torchvision_360x480 =
    street_scenes::compiled<360, 480, strata::TorchvisionLike>("360x480", "torchvision");
