// SPDX-License-Identifier: MIT
// A tensor as stored in files: a name, dimensions in PyTorch's order, and a non-owning pointer to the floats.
#pragma once

#include <string>

namespace strata::core {

struct NamedTensor {
  std::string name;  ///< "0.weight", "7.body.1.running_var", "input.scale"
  int rank = 0;
  long dims[4] = {1, 1, 1, 1};
  float* data = nullptr;

  long size() const { return dims[0] * dims[1] * dims[2] * dims[3]; }
  /// The dimensions as text: "(16, 8, 3, 3)".
  std::string shape() const {
    std::string out = "(";
    for (int i = 0; i < rank; i++) out += (i ? ", " : "") + std::to_string(dims[i]);
    return out + ")";
  }
};

}  // namespace strata::core
