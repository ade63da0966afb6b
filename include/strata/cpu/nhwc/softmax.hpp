// SPDX-License-Identifier: MIT
// Softmax over the channels of each pixel, its gradient, and the cross-entropy on it.
#pragma once

#include <strata/cpu/nhwc/normalize.hpp>

#include <cmath>

namespace strata::cpu::nhwc {

/// y = exp(x - max) / sum; returns log(sum) + max.
inline float softmax_pixel(const float* x, int channels, float* y) {
  float most = x[0];
  for (int c = 1; c < channels; c++) most = std::max(most, x[c]);
  for (int c = 0; c < channels; c++) y[c] = x[c] - most;
  sweep(channels, [&](long c) { simd::storeu(y + c, exponential(simd::loadu(y + c))); }, [&](long c) { y[c] = std::exp(y[c]); });
  float total = 0;
  for (int c = 0; c < channels; c++) total += y[c];
  for (int c = 0; c < channels; c++) y[c] /= total;
  return std::log(total) + most;
}

inline void softmax(const Call& call, Team& team) {
  const Node& node = *call.node;
  const int channels = node.out.channels;
  for_each_row(team, call.images(), node.out.height, [&](int n, int r, int) {
    const long first = long(r) * node.out.width;
    for (long p = first; p < first + node.out.width; p++) softmax_pixel(call.x(0, n) + p * channels, channels, call.y(n) + p * channels);
  });
}

/// Inputs dy, y. dx = y (dy - sum dy y)
inline void softmax_gradient(const Call& call, Team& team) {
  const Node& node = *call.node;
  const int channels = node.out.channels;
  for_each_row(team, call.images(), node.out.height, [&](int n, int r, int) {
    const long first = long(r) * node.out.width;
    for (long p = first; p < first + node.out.width; p++) {
      const float *dy = call.x(0, n) + p * channels, *y = call.x(1, n) + p * channels;
      float dot = 0;
      for (int c = 0; c < channels; c++) dot += dy[c] * y[c];
      for (int c = 0; c < channels; c++) call.y(n)[p * channels + c] = y[c] * (dy[c] - dot);
    }
  });
}

/// Doubles of the loss's partial sums: loss, correct, counted for each part.
constexpr long loss_partial_floats() { return 3L * chunks * long(sizeof(double) / sizeof(float)); }

inline void loss(const Call& call, Team& team) {
  const Node& node = *call.node;
  const int channels = node.out.channels;
  double* const partial = reinterpret_cast<double*>(call.partial);
  team.for_each(chunks, [&](int part, int) { std::fill_n(partial + 3 * part, 3, 0.0); });
  const Labels& labels = call.step->labels;
  const float scale = float(call.step->loss_scale);
  for_each_part(team, call.images(), node.out.height, [&](int part, int n, int r, int) {
    const long first = long(r) * node.out.width;
    for (long p = first; p < first + node.out.width; p++) {
      const float* x = call.x(0, n) + p * channels;
      float* dx = call.y(n) + p * channels;
      const std::int32_t label = labels.values[labels.row(n) * node.out.pixels() + p];
      if (label < 0 || label >= channels) {
        std::fill_n(dx, channels, 0.f);
        continue;
      }
      const float normaliser = softmax_pixel(x, channels, dx);
      partial[3 * part] += double(normaliser) - x[label];
      partial[3 * part + 1] += std::max_element(x, x + channels) - x == label;
      partial[3 * part + 2] += 1;
      dx[label] -= 1;
      for (int c = 0; c < channels; c++) dx[c] *= scale;
    }
  });
  team.once([&] {
    for (int part = 0; part < chunks; part++) {
      call.result->loss += partial[3 * part];
      call.result->correct += long(partial[3 * part + 1]);
      call.result->counted += long(partial[3 * part + 2]);
    }
  });
}

}  // namespace strata::cpu::nhwc
