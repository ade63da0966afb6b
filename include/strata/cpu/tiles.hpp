// SPDX-License-Identifier: MIT
// The register tiles of all kernels in one table. Throughout its inner loop a tile keeps its sums and the operands of
// one step in vector registers: with one sum too many, every step spills to memory. A tile should be large, because
// each loaded operand then serves more multiply-adds, and it needs 8 to 12 independent sums to hide their latency. The
// test object/spills checks in the object code that the sums stay in registers.
#pragma once

#include <strata/core/formulas/simd.hpp>

namespace strata::cpu {

struct Tiles {
  int convolution_pixels;  ///< nhwc/convolution.hpp: pixels x `channel_vectors`
  int winograd_panel;      ///< nhwc/winograd.hpp: tiles of 4 x 4 outputs x `channel_vectors`
  int gradient_inputs;     ///< nhwc/weight_gradient.hpp: input channels (and taps) x `channel_vectors`
  int winograd_inputs;     ///< nhwc/winograd_weight_gradient.hpp: input channels x `channel_vectors`; a power of two
  int fixed_shape_sums;    ///< nhwc/fixed_shape: sums of a tile of any extent
  int lanes_outputs;       ///< lanes/tile.hpp: output channels x `lanes_pixels`
  int lanes_dense;         ///< lanes/dense.hpp: outputs of one vector of images
};

/// Vectors of output channels of a tile: two multiply-adds per broadcast input. Without vectors, a channel's weight
/// costs a load as a pixel does, so a tile has about as many channels as pixels.
constexpr int channel_vectors_for(int registers, int lanes) { return registers == 32 && lanes == 1 ? 4 : 2; }
inline constexpr int channel_vectors = channel_vectors_for(core::simd::registers, core::simd::lanes);
inline constexpr int lanes_pixels = 3;  ///< three multiply-adds per broadcast weight

/// The tiles for a machine with `registers` vector registers of `lanes` floats each.
constexpr Tiles tiles_for(int registers, int lanes) {
  // AVX-512. 14 x 2 sums, 2 weights and 1 broadcast make 31 registers; 12 x 2 leave room for the compiler's early
  // loads; 8 x 3 sums, 3 pixels and 1 broadcast make 28.
  if (registers == 32 && lanes == 16) return {12, 14, 12, 8, 24, 8, 12};
  // Microcontrollers and RISC-V without vectors. 5 x 4 sums, 4 weights and 1 pixel are 25.
  if (registers == 32 && lanes == 1) return {5, 5, 5, 4, 20, 4, 12};
  // NEON. Its multiply-adds take no memory operand, and gcc 12 hoists many loads into registers. So 12 x 2 and 8 x 3
  // sums spill to the stack; 10 x 2 do not. 4 x 3, because channel counts are seldom divisible by 5, 6 or 7.
  if (registers == 32) return {10, 10, 10, 8, 20, 4, 12};
  // AVX2, SSE and plain C++. 6 x 2 sums, 2 weights and 1 broadcast are 15; 4 x 3 sums, 3 pixels and 1 broadcast are 16.
  return {6, 6, 6, 4, 12, 4, 12};
}

/// Whether the sums and operands of every tile fit into the registers. A fixed-shape tile has at most four operands.
constexpr bool fits(const Tiles& t, int registers) {
  const auto beside_channels = [&](int inputs) { return inputs * channel_vectors + channel_vectors + 1 <= registers; };
  return beside_channels(t.convolution_pixels) && beside_channels(t.winograd_panel) &&
         beside_channels(t.gradient_inputs) && beside_channels(t.winograd_inputs) &&
         t.fixed_shape_sums + 4 <= registers && t.lanes_outputs * lanes_pixels + lanes_pixels + 1 <= registers &&
         t.lanes_dense + 2 <= registers;
}

/// What the layout of packed weights and the choice of kernels depend on. Weights can be packed for another machine
/// than the one that packs them.
struct Machine {
  int lanes = core::simd::lanes;          ///< floats of a vector
  int registers = core::simd::registers;  ///< vector registers

  constexpr bool operator==(const Machine&) const = default;
  constexpr Tiles tiles() const { return tiles_for(registers, lanes); }
  constexpr int channel_vectors() const { return channel_vectors_for(registers, lanes); }
};
inline constexpr Machine this_machine{};

inline constexpr Tiles register_tiles = this_machine.tiles();
static_assert(fits(register_tiles, core::simd::registers),
              "strata: a register tile needs more vector registers than this machine has");

}  // namespace strata::cpu
