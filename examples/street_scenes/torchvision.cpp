// SPDX-License-Identifier: MIT
// Sizes and depths share a file because they share most kernels.
#include "compiled_network.hpp"

std::vector<street_scenes::CompiledNetwork> street_scenes::torchvision_networks() {
  return compiled_networks<strata::models::TorchvisionLike>("torchvision");
}
