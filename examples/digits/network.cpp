// SPDX-License-Identifier: MIT
#include "network.hpp"

#include <strata/io/weights.hpp>

#include <algorithm>

#include "../shared/say.hpp"

namespace digits {

namespace {

shared::Words distinct(const char* CompiledNetwork::*word) {
  shared::Words out;
  for (const CompiledNetwork* network : networks())
    if (std::find(out.begin(), out.end(), network->*word) == out.end()) out.push_back(network->*word);
  return out;
}

}  // namespace

std::vector<const CompiledNetwork*> networks() {
  return {
    &filters_4_8_16, &filters_8_16_32, &filters_16_32_64,
#if defined(STRATA_DIGITS_CUDA)
        &filters_8_16_32_cuda
#endif
  };
}

shared::Words filter_choices() { return distinct(&CompiledNetwork::filters); }
shared::Words device_choices() { return distinct(&CompiledNetwork::device); }

const CompiledNetwork& network_with(const std::string& filters, const std::string& device) {
  for (const CompiledNetwork* network : networks())
    if (filters == network->filters && device == network->device) return *network;
  throw strata::Error("--filters ", filters, " --device ", device,
                      ": there is no such network; use 8,16,32 on cuda, and 4,8,16 or 8,16,32 or 16,32,64 on cpu");
}

const CompiledNetwork& network_of(const std::string& weights, const std::string& device) {
  const strata::io::Safetensors file = strata::io::read_safetensors(weights);
  const std::string hash = strata::io::stored_hash(file);
  if (hash.empty())
    throw strata::Error(weights, ": does not say which network it belongs to (no ", strata::io::hash_key,
                        " in its metadata); give a model.safetensors that digits wrote");
  for (const CompiledNetwork* network : networks())
    if (device == network->device && network->facts().hash.is(hash)) return *network;
  throw strata::Error(weights, ": holds the weights of a network that this program does not have on ", device,
                      " (structural hash ", hash, "); give a model.safetensors that digits wrote",
                      device == "cpu" ? "" : ", or use --device cpu");
}

std::vector<std::string> digit_names() { return {"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"}; }

std::vector<std::string> classes_of(const std::string& weights) {
  std::vector<std::string> names = strata::io::stored_classes(strata::io::read_safetensors(weights), 10);
  return names.empty() ? digit_names() : names;
}

void verify(const CompiledNetwork& network, const std::string& weights, const std::optional<float>& tolerance,
            const shared::Processor& processor) {
  if (!tolerance) return;
  network.verify(weights, *tolerance, processor);
  shared::say("{}: its check holds within {}\n", weights, *tolerance);
}

}  // namespace digits
