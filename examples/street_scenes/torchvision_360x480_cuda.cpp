// SPDX-License-Identifier: MIT
#include "compiled_cuda_network.hpp"

const street_scenes::CompiledNetwork street_scenes::torchvision_360x480_cuda =
    street_scenes::compiled_for_cuda<360, 480, strata::TorchvisionLike>("360x480", "torchvision");
