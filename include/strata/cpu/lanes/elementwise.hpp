// SPDX-License-Identifier: MIT
// Elementwise operations (sum, pointwise, unfolded batch norm, dropout), softmax, and copies (concat, slice, flatten).
#pragma once

#include <cstring>
#include <strata/core/random.hpp>
#include <strata/cpu/lanes/call.hpp>
#include <strata/cpu/lanes/functor.hpp>

namespace strata::cpu::lanes {

STRATA_ONCE void dropout(const Call& call);
STRATA_ONCE void softmax(const Call& call);
STRATA_ONCE void softmax_gradient(const Call& call);
STRATA_ONCE void concat(const Call& call);
STRATA_ONCE void flatten(const Call& call);
STRATA_ONCE void slice(const Call& call);

#if STRATA_HAS_BODIES

inline void copy(const float* from, long elements, float* to) {
  std::memcpy(to, from, sizeof(float) * std::size_t(elements) * width);
}

#endif  // STRATA_HAS_BODIES

template <class F>
void sum(const Call& call) {
  const long end = call.node->out.size() * width;
  const int inputs = call.inputs.count();
  for (long at = 0; at != end; at += width) {
    Vector v = core::simd::load(call.inputs[Input::x] + at);
    for (int k = 1; k < inputs; k++) v = v + core::simd::load(call.inputs[k] + at);
    core::simd::store(call.y + at, F::f(v));
  }
}

template <class F>
void pointwise(const Call& call) {
  const long end = call.node->out.size() * width;
  const float* const x = call.inputs[Input::x];
  for (long at = 0; at != end; at += width) core::simd::store(call.y + at, F::f(core::simd::load(x + at)));
}

/// argument: the input or output of F, whichever F::df takes.
template <class F>
void pointwise_gradient(const Call& call) {
  const long end = call.node->out.size() * width;
  const float *const dy = call.inputs[Input::dy], *const argument = call.inputs[Input::argument];
  for (long at = 0; at != end; at += width)
    core::simd::store(call.y + at, core::simd::load(dy + at) * F::df(core::simd::load(argument + at)));
}

/// Batch norm in inference, where it could not be folded. packed: factor[C], offset[C].
template <class F>
void batch_norm(const Call& call) {
  const Node& node = *call.node;
  const long plane = long(node.out.pixels()) * width;
  for (int c = 0; c < node.out.channels; c++) {
    const Vector a(call.packed[c]), b(call.packed[node.out.channels + c]);
    for (long at = c * plane, end = at + plane; at != end; at += width)
      core::simd::store(call.y + at, F::f(core::simd::fma(a, core::simd::load(call.inputs[Input::x] + at), b)));
  }
}

#if STRATA_HAS_BODIES

/// Dropout and its gradient. Both draw the same mask for (step, layer), from the image's position in the batch and the
/// element's channel and pixel.
STRATA_ONCE void dropout(const Call& call) {
  const Node& node = *call.node;
  const long size = node.out.size(), pixels = node.out.pixels();
  const graph::Draws draws(node.share, node.out);
  const std::uint64_t seed = core::mix(call.step->seed, std::uint64_t(node.layer));
  const float probability = float(node.probability);
  const Vector factor(1 / (1 - probability));
  for (long e = 0; e < size; e++) {
    alignas(64) float keep[width];
    for (int l = 0; l < width; l++)
      keep[l] = core::uniform(seed, draws(call.first + l, e / pixels, e % pixels)) >= probability ? 1.f : 0.f;
    core::simd::store(call.y + e * width,
                      core::simd::load(call.inputs.first() + e * width) * core::simd::load(keep) * factor);
  }
}

/// y = exp(x) / sum of exp(x) over the channels, per pixel
STRATA_ONCE void softmax(const Call& call) {
  const Shape shape = call.node->out;
  const float* const x = call.inputs[Input::x];
  const long plane = long(shape.pixels()) * width, end = plane * shape.channels;
  for (long pixel = 0; pixel != plane; pixel += width) {
    Vector top = core::simd::load(x + pixel), total(0.f);
    for (long at = pixel + plane; at < end; at += plane) top = maximum(top, core::simd::load(x + at));
    for (long at = pixel; at < end; at += plane) {
      const Vector e = exponential(core::simd::load(x + at) - top);
      total = total + e;
      core::simd::store(call.y + at, e);
    }
    const Vector share = Vector(1.f) / total;
    for (long at = pixel; at < end; at += plane) core::simd::store(call.y + at, core::simd::load(call.y + at) * share);
  }
}

/// dx = y (dy - sum of dy y over the channels)
STRATA_ONCE void softmax_gradient(const Call& call) {
  const Shape shape = call.node->out;
  const float *const dy = call.inputs[Input::dy], *const y = call.inputs[Input::y];
  const long plane = long(shape.pixels()) * width, end = plane * shape.channels;
  for (long pixel = 0; pixel != plane; pixel += width) {
    Vector total(0.f);
    for (long at = pixel; at < end; at += plane)
      total = core::simd::fma(core::simd::load(dy + at), core::simd::load(y + at), total);
    for (long at = pixel; at < end; at += plane)
      core::simd::store(call.y + at, core::simd::load(y + at) * (core::simd::load(dy + at) - total));
  }
}

/// Channels are consecutive planes, so concat is a sequence of copies, and slice, flatten and unflatten are plain
/// copies.
STRATA_ONCE void concat(const Call& call) {
  float* y = call.y;
  for (int k = 0; k < call.inputs.count(); k++) {
    const long size = call.nodes[call.node->inputs[k]].out.size();
    copy(call.inputs[k], size, y);
    y += size * width;
  }
}

STRATA_ONCE void flatten(const Call& call) { copy(call.inputs.first(), call.node->out.size(), call.y); }

STRATA_ONCE void slice(const Call& call) {
  const Node& node = *call.node;
  copy(call.inputs.first() + long(node.offset_channel) * node.out.pixels() * width, node.out.size(), call.y);
}

#endif  // STRATA_HAS_BODIES

}  // namespace strata::cpu::lanes
