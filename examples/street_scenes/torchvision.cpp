// SPDX-License-Identifier: MIT
// Sizes and depths share a file, as they share most of their kernels.
#include "compiled_network.hpp"

std::vector<street_scenes::CompiledNetwork> street_scenes::torchvision_networks() {
  return compiled_networks<strata::TorchvisionLike>("torchvision");
}
