// SPDX-License-Identifier: MIT
// What Grad-CAM needs of a compiled network, without its type.
#pragma once

#include <vector>

#include <strata/train/grad_cam.hpp>

namespace shared {

/// A network and the numbers of a weight file.
struct Explained {
  const strata::training::ExplainedNetwork* network = nullptr;
  std::vector<float> parameters{}, buffers{};
};

/// Of a model on the CPU.
template <class Net>
Explained explained(const strata::Model<Net>& model) {
  const auto parameters = model.parameters(), buffers = model.buffers();
  return {&strata::training::explained_network<Net>,
          {parameters.begin(), parameters.end()},
          {buffers.begin(), buffers.end()}};
}

}  // namespace shared
