// SPDX-License-Identifier: MIT
// The prologue of a convolution or weight gradient, applied to each pixel of x as it is read: f(a x + b), the batch
// norm before it, where f is ReLU or nothing. Borders stay zero: they are zeros of the normalized map, not of x.
#pragma once

#include <strata/cpu/nhwc/call.hpp>

namespace strata::cpu::nhwc {

using namespace functions;

using graph::Prologue;

/// y = a x + b over pixels of `channels`.
inline void affine_row(const float* x, const float* a, const float* b, int pixels, int channels, float* y) {
  for (int p = 0; p < pixels; p++, x += channels, y += channels)
    sweep(
        channels,
        [&](long c) {
          core::simd::storeu(
              y + c, core::simd::fma(core::simd::loadu(a + c), core::simd::loadu(x + c), core::simd::loadu(b + c)));
        },
        [&](long c) { y[c] = a[c] * x[c] + b[c]; });
}

/// y = max(a x + b, 0) over pixels of `channels`.
inline void affine_relu_row(const float* x, const float* a, const float* b, int pixels, int channels, float* y) {
  for (int p = 0; p < pixels; p++, x += channels, y += channels)
    sweep(
        channels,
        [&](long c) {
          core::simd::storeu(y + c, maximum(core::simd::fma(core::simd::loadu(a + c), core::simd::loadu(x + c),
                                                            core::simd::loadu(b + c)),
                                            Vector(0.f)));
        },
        [&](long c) { y[c] = maximum(a[c] * x[c] + b[c], 0.f); });
}

/// a and b of the batch norm with parameters `scale` and `shift`, null without them, padded with zeros to a whole
/// vector. statistics: mean[C], inv_std[C].
inline void affine_of(const float* scale, const float* shift, const float* statistics, int channels, float* a,
                      float* b) {
  for (int c = 0; c < channels; c++) {
    a[c] = (scale ? scale[c] : 1.f) * statistics[channels + c];
    b[c] = (shift ? shift[c] : 0.f) - statistics[c] * a[c];
  }
  for (long c = channels; c < whole_lines(channels); c++) a[c] = b[c] = 0;
}

/// Floats of the coefficients a and b; 0 without a prologue.
constexpr long prologue_floats(const Node& node, int channels) {
  return node.prologue.kind == Prologue::none ? 0 : 2 * whole_lines(channels);
}

/// How a node reads its x: with or without a prologue.
struct Reading {
  Prologue::Kind kind = Prologue::none;
  const float *a = nullptr, *b = nullptr;

  Reading() = default;
  /// Uses the coefficients that prepare_reading wrote.
  Reading(const Node& node, int channels, const float* coefficients) : kind(node.prologue.kind) {
    if (kind != Prologue::none) a = coefficients, b = coefficients + whole_lines(channels);
  }

  /// Copies adjacent pixels, applying the prologue.
  void copy(const float* from, int pixels, int channels, float* to) const {
    if (kind == Prologue::none) std::copy_n(from, long(pixels) * channels, to);
    else if (kind == Prologue::affine) affine_row(from, a, b, pixels, channels, to);
    else affine_relu_row(from, a, b, pixels, channels, to);
  }
};

/// Writes the prologue_floats() coefficients of the node, whose x has `channels` channels.
inline void prepare_reading(const Call& call, int channels, float* coefficients) {
  const Node& node = *call.node;
  if (node.prologue.kind != Prologue::none)
    affine_of(call.parameter(node.prologue.scale), call.parameter(node.prologue.shift), call.inputs[Input::statistics],
              channels, coefficients, coefficients + whole_lines(channels));
}
inline Reading prepared_reading(const Call& call, int channels, float* coefficients) {
  prepare_reading(call, channels, coefficients);
  return {*call.node, channels, coefficients};
}

}  // namespace strata::cpu::nhwc
