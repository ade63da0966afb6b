// SPDX-License-Identifier: MIT
// The sizes share a file, as they share most of their kernels.
#include "compiled_network.hpp"

const street_scenes::CompiledNetwork street_scenes::torchvision_96x128 =
    street_scenes::compiled<96, 128, strata::TorchvisionLike>("96x128", "torchvision");
const street_scenes::CompiledNetwork street_scenes::torchvision_360x480 =
    street_scenes::compiled<360, 480, strata::TorchvisionLike>("360x480", "torchvision");
const street_scenes::CompiledNetwork street_scenes::torchvision_720x960 =
    street_scenes::compiled<720, 960, strata::TorchvisionLike>("720x960", "torchvision");
