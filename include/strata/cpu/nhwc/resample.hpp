// SPDX-License-Identifier: MIT
// Maps of other rows and columns, and the adjoint. Rows of x are first mixed into the one row that a row of y needs,
// then its columns are.
#pragma once

#include <strata/cpu/nhwc/call.hpp>
#include <strata/graph/declared/resampling.hpp>

namespace strata::cpu::nhwc {

STRATA_ONCE void resample(const Call& call, core::Team& team);
STRATA_ONCE void resample_gradient(const Call& call, core::Team& team);

#if STRATA_HAS_BODIES

/// to += weight from, over `count` floats.
inline void add_row(float weight, const float* from, long count, float* to) {
  const Vector w(weight);
  sweep(
      count,
      [&](long i) {
        core::simd::storeu(to + i, core::simd::fma(w, core::simd::loadu(from + i), core::simd::loadu(to + i)));
      },
      [&](long i) { to[i] += weight * from[i]; });
}

/// to = the weighted sum of the neighbors, each `count` floats; the first input is at `from`.
inline void mix_rows(const graph::Neighbors& neighbors, const float* from, long count, float* to) {
  const float *const first = from + neighbors.first * count, *const second = first + count;
  if (neighbors.count == 1) {
    std::copy_n(first, count, to);
    return;
  }
  const float a = neighbors.weight(0), b = neighbors.weight(1);
  const Vector of_first(a), of_second(b);
  sweep(
      count,
      [&](long i) {
        core::simd::storeu(
            to + i, core::simd::fma(of_first, core::simd::loadu(first + i), of_second * core::simd::loadu(second + i)));
      },
      [&](long i) { to[i] = a * first[i] + b * second[i]; });
  for (int k = 2; k < neighbors.count; k++) add_row(neighbors.weight(k), first + k * count, count, to);
}

STRATA_ONCE void resample(const Call& call, core::Team& team) {
  const Node& node = *call.node;
  const graph::Resampling rows{node.mode, node.in.height, node.out.height},
      columns{node.mode, node.in.width, node.out.width};
  const int channels = node.in.channels;
  for_each_row(team, call.images(), node.out.height, [&](int n, int r, int slot) {
    float* const mixed = call.slot(slot);
    mix_rows(rows(r), call.input(Input::x, n), long(node.in.width) * channels, mixed);
    float* y = call.y(n) + long(r) * node.out.width * channels;
    for (int p = 0; p < node.out.width; p++, y += channels) mix_rows(columns(p), mixed, channels, y);
  });
}

/// Each row of dx gathers from the rows of dy that read it.
STRATA_ONCE void resample_gradient(const Call& call, core::Team& team) {
  const Node& node = *call.node;
  const Shape in = node.out, out = node.in;  // of the forward node
  const graph::Resampling rows{node.mode, in.height, out.height}, columns{node.mode, in.width, out.width};
  const int channels = in.channels;
  for_each_row(team, call.images(), in.height, [&](int n, int r, int) {
    float* const dx = call.y(n) + long(r) * in.width * channels;
    std::fill_n(dx, long(in.width) * channels, 0.f);
    for (int to = rows.first_reader(r); to < rows.last_reader(r); to++) {
      const float share = rows(to).share(r);
      if (share == 0) continue;
      const float* dy = call.input(Input::dy, n) + long(to) * out.width * channels;
      for (int p = 0; p < out.width; p++, dy += channels) {
        const graph::Neighbors neighbors = columns(p);
        for (int k = 0; k < neighbors.count; k++)
          add_row(share * neighbors.weight(k), dy, channels, dx + long(neighbors.first + k) * channels);
      }
    }
  });
}

#endif  // STRATA_HAS_BODIES

}  // namespace strata::cpu::nhwc
