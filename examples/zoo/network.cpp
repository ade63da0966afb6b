// SPDX-License-Identifier: MIT
#include "network.hpp"

#include <algorithm>

#include <strata/core/text/text.hpp>

#include "../shared/choices.hpp"

namespace zoo {

namespace {

std::string lower(std::string name) {
  for (char& c : name) c = strata::core::lower(c);
  return name;
}

/// The names of the networks that were compiled, and of this one if it is not empty, as CMake takes them.
std::string list_with(const std::string& name) {
  shared::Words names;
  for (const CompiledNetwork* network : built()) names.emplace_back(network->name);
  if (!name.empty()) names.push_back(name);
  return shared::joined(names, ";");
}

}  // namespace

const Description& described(const std::string& name) {
  shared::Words names;
  for (const Description& network : descriptions()) {
    if (lower(network.name) == lower(name)) return network;
    names.emplace_back(network.name);
  }
  throw strata::Error("there is no network '", name, "'; choose ", shared::joined(names, ", "),
                      ", or run zoo without arguments for a list");
}

const CompiledNetwork& compiled(const std::string& name) {
  const Description& network = described(name);
  for (const CompiledNetwork* candidate : built())
    if (std::string(candidate->name) == network.name) return *candidate;
  throw strata::Error(network.name,
                      ": this program was built to describe it, not to run it; in the build folder, run cmake '",
                      "-DSTRATA_ZOO_NETWORKS=", list_with(network.name), "' . && cmake --build . --target zoo");
}

const CompiledNetwork& trainable(const std::string& name) {
  const Description& network = described(name);
  if (network.task != std::string("images"))
    throw strata::Error(network.name,
                        ": does not classify images, as training on class folders and --weights require; "
                        "choose a network for images");
  return compiled(name);
}

}  // namespace zoo
