// SPDX-License-Identifier: MIT
#include "network.hpp"

#include <strata/io/weights.hpp>

namespace digits {

std::vector<const CompiledNetwork*> networks() { return {&filters_4_8_16, &filters_8_16_32, &filters_16_32_64}; }

std::vector<std::string> filter_choices() {
  std::vector<std::string> out;
  for (const CompiledNetwork* network : networks()) out.push_back(network->filters);
  return out;
}

const CompiledNetwork& network_with(const std::string& filters) {
  for (const CompiledNetwork* network : networks())
    if (filters == network->filters) return *network;
  throw strata::Error("--filters ", filters, ": there is no such network; choose 4,8,16 or 8,16,32 or 16,32,64");
}

const CompiledNetwork& network_of(const std::string& weights) {
  const strata::Safetensors file = strata::read_safetensors(weights);
  const auto hash = file.metadata.find(strata::hash_key);
  if (hash == file.metadata.end())
    throw strata::Error(weights, ": does not say which network it belongs to (no ", strata::hash_key,
                        " in its metadata); give a model.safetensors that digits wrote");
  for (const CompiledNetwork* network : networks())
    if (hash->second == strata::hexadecimal(network->facts().hash)) return *network;
  throw strata::Error(weights, ": holds the weights of a network that this program has not (structural hash ", hash->second,
                      "); give a model.safetensors that digits wrote");
}

}  // namespace digits
