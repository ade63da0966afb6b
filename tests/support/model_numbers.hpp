// SPDX-License-Identifier: MIT
// All numbers of a model, for comparison bit for bit.
#pragma once

#include <vector>

namespace strata::testing {

/// The model's parameters, then its buffers.
template <class Model>
std::vector<float> numbers(const Model& model) {
  std::vector<float> out(model.parameters().begin(), model.parameters().end());
  out.insert(out.end(), model.buffers().begin(), model.buffers().end());
  return out;
}

}  // namespace strata::testing
