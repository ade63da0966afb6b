// SPDX-License-Identifier: MIT
// All numbers of a model, for comparison bit for bit.
#pragma once

#include <vector>

namespace strata::testing {

/// The model's parameters, then its buffers.
template <class Model>
std::vector<float> numbers(const Model& model) {
  std::vector<float> out(model.parameters(), model.parameters() + Model::parameter_floats);
  out.insert(out.end(), model.buffers(), model.buffers() + Model::buffer_floats);
  return out;
}

}  // namespace strata::testing
