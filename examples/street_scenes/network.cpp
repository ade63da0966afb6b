// SPDX-License-Identifier: MIT
#include "network.hpp"

#include <algorithm>

#include <strata/core/text/printable.hpp>
#include <strata/io/weights.hpp>

#include "../shared/say.hpp"

namespace street_scenes {

namespace {

shared::Words distinct(const char* CompiledNetwork::*word) {
  shared::Words out;
  for (const CompiledNetwork& network : networks())
    if (std::find(out.begin(), out.end(), network.*word) == out.end()) out.push_back(network.*word);
  return out;
}

/// `before` and the depths; empty if they are the usual ones.
std::string depths_after(const std::string& before, const CompiledNetwork& network) {
  return std::string(network.depths) == usual_depths ? "" : before + network.depths;
}

}  // namespace

const std::vector<CompiledNetwork>& networks() {
  static const std::vector<CompiledNetwork> all = [] {
    std::vector<CompiledNetwork> out;
    for (const auto& made_of : {
           &matlab_networks, &torchvision_networks,
#if defined(STRATA_STREET_CUDA)
               &matlab_networks_cuda, &torchvision_networks_cuda,
#endif
         })
      for (const CompiledNetwork& network : made_of()) out.push_back(network);
    return out;
  }();
  return all;
}

shared::Words size_choices() { return distinct(&CompiledNetwork::size); }
shared::Words variant_choices() { return distinct(&CompiledNetwork::variant); }
shared::Words depths_choices() { return distinct(&CompiledNetwork::depths); }
shared::Words device_choices() { return distinct(&CompiledNetwork::device); }

const CompiledNetwork& network_with(const std::string& size, const std::string& variant, const std::string& depths,
                                    const std::string& device) {
  for (const CompiledNetwork& network : networks())
    if (size == network.size && variant == network.variant && depths == network.depths && device == network.device)
      return network;
  throw strata::Error("there is no network for --size ", size, ", --variant ", variant, ", --depths ", depths,
                      " and --device ", device, "; street_scenes train --help lists the choices");
}

std::string name_of(const CompiledNetwork& network) {
  return strata::core::sentence("DeepLabv3Plus<", network.size, ", ", classes, ", ", network.variant,
                                depths_after(", ", network), ">");
}

std::string words(const CompiledNetwork& network) {
  return strata::core::sentence(network.variant, " ", network.size, depths_after(" with depths ", network));
}

const CompiledNetwork& network_of(const std::string& weights, const std::string& size, const std::string& device) {
  const strata::io::Safetensors file = strata::io::read_safetensors(weights);
  const std::string hash = strata::io::stored_hash(file);
  if (hash.empty())
    throw strata::Error(weights, ": does not say which network it belongs to (no ", strata::io::hash_key,
                        " in its metadata); give a model.safetensors that street_scenes wrote");
  for (const CompiledNetwork& network : networks())
    if (device == network.device && network.hash.is(hash))
      return size.empty() ? network : network_with(size, network.variant, network.depths, device);
  throw strata::Error(weights, ": holds the weights of a network that this program does not have (structural hash ",
                      hash,
                      "); give a model.safetensors that street_scenes wrote, built for the same number of classes");
}

strata::Shape shape_of(const std::string& size) {
  for (const CompiledNetwork& network : networks())
    if (size == network.size) return network.input;
  throw strata::Error("there is no size ", size, "; street_scenes train --help lists the sizes");
}

strata::data::ClassList classes_of(const std::string& weights) {
  const strata::io::Safetensors file = strata::io::read_safetensors(weights);
  const auto text = file.metadata.find(classes_key);
  return text == file.metadata.end() ? strata::data::ClassList()
                                     : strata::data::parse_class_list(text->second, weights);
}

std::string text_of(const strata::data::ClassList& list) {
  std::string out;
  for (const strata::data::ClassEntry& entry : list)
    out += strata::core::sentence(int(entry.color[0]), ' ', int(entry.color[1]), ' ', int(entry.color[2]), ' ',
                                  entry.name, '\n');
  return out;
}

std::vector<std::string> names_of(const strata::data::ClassList& list) {
  std::vector<std::string> out;
  for (const strata::data::ClassEntry& entry : list) out.push_back(strata::core::printable(entry.name));
  return out;
}

void verify(const CompiledNetwork& network, const std::string& weights, const std::optional<float>& tolerance,
            const shared::Processor& processor) {
  if (!tolerance) return;
  network.verify(weights, *tolerance, processor);
  shared::say("{}: its check holds within {}\n", weights, *tolerance);
}

}  // namespace street_scenes
