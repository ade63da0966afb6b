// SPDX-License-Identifier: MIT
#include "compiled_cuda_network.hpp"

const street_scenes::CompiledNetwork street_scenes::torchvision_720x960_cuda =
    street_scenes::compiled_for_cuda<720, 960, strata::TorchvisionLike>("720x960", "torchvision");
