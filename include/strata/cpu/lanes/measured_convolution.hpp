// SPDX-License-Identifier: MIT
// A convolution whose value nobody reads but the batch statistics behind it: sums leave the registers as moments, and the map
// is never written. The first layer of a small network is such a convolution, as its value is cheaper to compute again than
// to store for the whole batch.
#pragma once

#include <strata/cpu/lanes/statistics.hpp>
#include <strata/cpu/lanes/winograd.hpp>
#include <strata/graph/plan.hpp>

namespace strata::cpu::lanes {

/// Whether node i is one; then `measured_convolution` does the work of i and i + 1.
template <class Plan>
constexpr bool only_measured(const Plan& plan, int i) {
  if (i < 0 || i + 1 >= plan.count) return false;
  const Node &node = plan.nodes[i], &next = plan.nodes[i + 1];
  if (node.op != graph::Op::convolution || next.op != graph::Op::batch_statistics || next.inputs[0] != i) return false;
  if (plan.phase[i] != plan.phase[i + 1] || plan.places[i].storage != graph::Storage::scratch) return false;
  if (node.functor != graph::no_functor || node.pools || node.adds || takes_winograd(node)) return false;
  int readers = 0;
  for (int k = 0; k < plan.count; k++)
    for (int j = 0; j < plan.nodes[k].input_count; j++) readers += plan.nodes[k].inputs[j] == i;
  const long sums = 3L * convolution_of(node).tiles() * tile_out;
  return readers == 1 && node.out.size() >= sums;
}

/// Takes sums of a tile: of each channel a shift, which is its first pixel, the sum of x - shift and of its square.
struct Measure {
  float* sums;  ///< [channel][3]

  template <int Out, int Pixels>
  [[gnu::always_inline]] void operator()(int o, int p, const Vector (&x)[Out][Pixels]) const {
    simd::unroll<Out>([&](auto j) STRATA_INLINE_LAMBDA {
      float* const at = sums + (o + j) * 3L * width;
      if (p == 0) simd::store(at, x[j][0]);
      const Vector shift = simd::load(at);
      Vector sum = simd::load(at + width), squares = simd::load(at + 2 * width);
      simd::unroll<Pixels>([&](auto i) STRATA_INLINE_LAMBDA {
        const Vector v = x[j][i] - shift;
        sum = sum + v;
        squares = simd::fma(v, v, squares);
      });
      simd::store(at + width, sum);
      simd::store(at + 2 * width, squares);
    });
  }
};

/// The convolution's node. A convolution has no partial sum of its own, so its `partial` is where that of the statistics begins;
/// the room of its value serves for the sums. Where the statistics after it are kept, nobody needs it.
inline void measured_convolution(const Call& call) {
  const Node& node = *call.node;
  if (graph::keeps_statistics(call.node[1], call.step->kept)) return;
  const Convolution c = convolution_of(node);
  int* const offset = reinterpret_cast<int*>(call.workspace);
  float* const bordered = call.workspace + c.offset_floats();
  tap_offsets(c.border, node.window, offset);
  copy_with_border(call.x[0], c.border, bordered);
  std::memset(call.y, 0, sizeof(float) * 3 * width * c.tiles() * tile_out);
  convolve(c, bordered, offset, call.packed, 0, c.out.height, Measure{call.y});
  const Vector present = mask(call.images);
  for (int o = 0; o < c.out.channels; o++) {
    const float* const at = call.y + o * 3L * width;
    merge_lanes(simd::load(at), simd::load(at + width), simd::load(at + 2 * width), c.out.pixels(), call.images, present,
                moments(call.partial)[o]);
  }
}

/// The statistics' node: the convolution has done it.
inline void already_measured(const Call&) {}

}  // namespace strata::cpu::lanes
