// SPDX-License-Identifier: MIT
// `digits export`: writes a trained network's weights as a C++ header.
#include <strata/infer/target.hpp>

#include "../shared/say.hpp"
#include "network.hpp"
#include "options.hpp"

namespace digits {

int export_weights(const ExportSettings& settings) {
  const CompiledNetwork& network = network_of(settings.model, "cpu");
  verify(network, settings.model, settings.verify, shared::processor("cpu", "", 1));
  network.export_header(settings.model, settings);
  shared::say("{} holds the weights of Digits<{}>{}\n", settings.out, network.filters,
              settings.target.empty() ? std::string() : ", packed for " + settings.target);
  return 0;
}

}  // namespace digits
