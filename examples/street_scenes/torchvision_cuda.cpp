// SPDX-License-Identifier: MIT
#include "compiled_cuda_network.hpp"

std::vector<street_scenes::CompiledNetwork> street_scenes::torchvision_networks_cuda() {
  return compiled_networks_for_cuda<strata::models::TorchvisionLike>("torchvision");
}
