// SPDX-License-Identifier: MIT
// The ways in which this program computes a node. choose.hpp chooses; kernels.hpp has a kernel for each choice.
#pragma once

namespace strata::cpu::lanes {

enum class Algorithm : unsigned char {
  direct,    ///< the op's usual kernel
  winograd,  ///< Winograd's tiles, of 4 x 4 outputs
  measured   ///< of a convolution and the statistics that alone read it: the map is never written
};

}  // namespace strata::cpu::lanes
