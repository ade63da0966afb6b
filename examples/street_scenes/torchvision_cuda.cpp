// SPDX-License-Identifier: MIT
#include "compiled_cuda_network.hpp"

const street_scenes::CompiledNetwork street_scenes::torchvision_96x128_cuda =
    street_scenes::compiled_for_cuda<96, 128, strata::TorchvisionLike>("96x128", "torchvision");
const street_scenes::CompiledNetwork street_scenes::torchvision_360x480_cuda =
    street_scenes::compiled_for_cuda<360, 480, strata::TorchvisionLike>("360x480", "torchvision");
const street_scenes::CompiledNetwork street_scenes::torchvision_720x960_cuda =
    street_scenes::compiled_for_cuda<720, 960, strata::TorchvisionLike>("720x960", "torchvision");
