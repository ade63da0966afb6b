// SPDX-License-Identifier: MIT
// The ways in which this program computes a node. choose.hpp chooses; kernels.hpp and fixed_shape/table.hpp have a
// kernel for each choice.
#pragma once

namespace strata::cpu::nhwc {

enum class Algorithm : unsigned char {
  direct,                ///< the op's general kernel
  winograd,              ///< Winograd's tiles, of 4 x 4 outputs
  swapped,               ///< the gradient of 1x1 weights, with x and dy swapped
  fixed_shape,           ///< a kernel whose bounds are constants
  fixed_shape_winograd,  ///< such a kernel, by Winograd's tiles of 2 x 2 outputs
  fixed_shape_pairs,     ///< such a kernel, for two columns of outputs at once
  skipped                ///< of the input: its reader, of fixed shape, reads the user's image itself
};

/// One entry per Algorithm, in its order.
struct AlgorithmTraits {
  Algorithm algorithm;
  const char* name;  ///< for users
  bool fixed_shape;  ///< the kernel is one of fixed_shape/
};
inline constexpr AlgorithmTraits algorithm_table[] = {
    {Algorithm::direct, "direct", false},
    {Algorithm::winograd, "Winograd", false},
    {Algorithm::swapped, "direct, swapped", false},
    {Algorithm::fixed_shape, "fixed shape", true},
    {Algorithm::fixed_shape_winograd, "fixed shape, Winograd", true},
    {Algorithm::fixed_shape_pairs, "fixed shape, in pairs", true},
    {Algorithm::skipped, "none", true},
};
static_assert(
    [] {
      for (int i = 0; i <= int(Algorithm::skipped); i++)
        if (algorithm_table[i].algorithm != Algorithm(i)) return false;
      return sizeof algorithm_table / sizeof *algorithm_table == int(Algorithm::skipped) + 1;
    }(),
    "strata: the algorithms of cpu/nhwc are not one entry per Algorithm, in its order");

constexpr const AlgorithmTraits& traits(Algorithm algorithm) { return algorithm_table[int(algorithm)]; }

}  // namespace strata::cpu::nhwc
