// SPDX-License-Identifier: MIT
// A convolution whose only reader is the batch statistics that follow it: sums leave the registers as moments, and the
// map is never written. The first layer of a small network is such a convolution, because recomputing its value is
// cheaper than storing it for the whole batch.
#pragma once

#include <strata/cpu/lanes/convolution.hpp>
#include <strata/cpu/lanes/statistics.hpp>
#include <strata/graph/plan.hpp>

namespace strata::cpu::lanes {

/// Whether node i is such a convolution. If so, `measured_convolution` does the work of nodes i and i + 1.
template <class Plan>
constexpr bool feeds_only_statistics(const Plan& plan, int i) {
  if (i < 0 || i + 1 >= plan.count) return false;
  const Node &node = plan.nodes[i], &next = plan.nodes[i + 1];
  if (node.op != graph::Op::convolution || next.op != graph::Op::batch_statistics || next.inputs[Input::x] != i)
    return false;
  if (plan.phase[i] != plan.phase[i + 1] || plan.places[i].storage != graph::Storage::scratch) return false;
  if (node.epilogue.functor != graph::no_functor || node.epilogue.pools || node.inputs.has(Input::residual))
    return false;
  int readers = 0;
  for (int k = 0; k < plan.count; k++)
    for (const int input : plan.nodes[k].inputs) readers += input == i;
  const long sums = 3L * convolution_of(node).tiles() * tile_out;
  return readers == 1 && node.out.size() >= sums;
}

STRATA_ONCE void measured_convolution(const Call& call);
STRATA_ONCE void already_measured(const Call& call);

#if STRATA_HAS_BODIES

/// Consumes the sums of a tile. Keeps per channel: a shift (its first pixel), the sum of x - shift and the sum of its
/// square.
struct Measure {
  float* sums;  ///< [channel][3]

  template <std::size_t Out, std::size_t Pixels>
  [[gnu::always_inline]] void operator()(int o, int p, const Vector (&x)[Out][Pixels]) const {
    core::simd::unroll<int(Out)>([&](auto j) STRATA_INLINE_LAMBDA {
      float* const at = sums + (o + j) * 3L * width;
      if (p == 0) core::simd::store(at, x[j][0]);
      const Vector shift = core::simd::load(at);
      Vector sum = core::simd::load(at + width), squares = core::simd::load(at + 2 * width);
      core::simd::unroll<int(Pixels)>([&](auto i) STRATA_INLINE_LAMBDA {
        const Vector v = x[j][i] - shift;
        sum = sum + v;
        squares = core::simd::fma(v, v, squares);
      });
      core::simd::store(at + width, sum);
      core::simd::store(at + 2 * width, squares);
    });
  }
};

/// Runs the convolution node. A convolution has no partial sum, so its `partial` is where that of the statistics
/// begins; the memory of its value holds the sums. If the statistics that follow are kept, the convolution is skipped.
STRATA_ONCE void measured_convolution(const Call& call) {
  const Node& node = *call.node;
  if (graph::keeps_statistics(call.node[1], call.step->keeps_statistics)) return;
  const Convolution c = convolution_of(node);
  int* const offset = reinterpret_cast<int*>(call.workspace);
  float* const bordered = call.workspace + c.offset_floats();
  tap_offsets(c.border, node.window, offset);
  copy_with_border(call.inputs[Input::x], c.border, bordered);
  std::memset(call.y, 0, sizeof(float) * 3 * width * std::size_t(c.tiles()) * tile_out);
  convolve(c, bordered, offset, call.packed, 0, c.out.height, Measure{call.y});
  const Vector present = mask(call.images);
  for (int o = 0; o < c.out.channels; o++) {
    const float* const at = call.y + o * 3L * width;
    merge_lanes(core::simd::load(at), core::simd::load(at + width), core::simd::load(at + 2 * width), c.out.pixels(),
                call.images, present, moments(call.partial)[o]);
  }
}

/// Runs the statistics node: the convolution has done its work.
STRATA_ONCE void already_measured(const Call&) {}

#endif  // STRATA_HAS_BODIES

}  // namespace strata::cpu::lanes
