// SPDX-License-Identifier: MIT
// A tensor as stored in files: a name, dimensions in PyTorch's order, and a non-owning pointer to the floats.
#pragma once

#include <string>
#include <type_traits>

namespace strata::core {

/// Float: float, or const float for a tensor that may only be read.
template <class Float>
struct BasicNamedTensor {
  std::string name;  ///< "0.weight", "7.body.1.running_var", "input.scale"
  int rank = 0;
  long dims[4] = {1, 1, 1, 1};
  Float* data = nullptr;

  long size() const { return dims[0] * dims[1] * dims[2] * dims[3]; }
  /// The dimensions as text: "(16, 8, 3, 3)".
  std::string shape() const {
    std::string out = "(";
    for (int i = 0; i < rank; i++) out += (i ? ", " : "") + std::to_string(dims[i]);
    return out + ")";
  }
  operator BasicNamedTensor<const Float>() const requires(!std::is_const_v<Float>) {
    return {name, rank, {dims[0], dims[1], dims[2], dims[3]}, data};
  }
};
using NamedTensor = BasicNamedTensor<float>;
using ConstNamedTensor = BasicNamedTensor<const float>;

}  // namespace strata::core
