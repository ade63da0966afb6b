// SPDX-License-Identifier: MIT
// A tensor as stored in files: a name, dimensions in PyTorch's order, and a non-owning pointer to the floats.
#pragma once

#include <string>
#include <type_traits>

namespace strata::core {

/// A tensor with its name and shape. Float: float, or const float for a tensor that may only be read.
template <class Float>
struct BasicNamedTensor {
  std::string name;             ///< "0.weight", "7.body.1.running_var", "input.scale"
  int rank = 0;                 ///< number of dimensions, from 0 to 4
  long dims[4] = {1, 1, 1, 1};  ///< elements along each dimension; 1 beyond the rank
  Float* data = nullptr;        ///< size() floats, row-major, which belong to someone else

  /// The number of elements.
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
/// A tensor that may be written.
using NamedTensor = BasicNamedTensor<float>;
/// A tensor that may only be read.
using ConstNamedTensor = BasicNamedTensor<const float>;

}  // namespace strata::core
