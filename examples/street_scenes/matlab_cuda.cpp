// SPDX-License-Identifier: MIT
#include "compiled_cuda_network.hpp"

std::vector<street_scenes::CompiledNetwork> street_scenes::matlab_networks_cuda() {
  return compiled_networks_for_cuda<strata::models::MatlabLike>("matlab");
}
