// SPDX-License-Identifier: MIT
// Learned numbers that elements share (Node::share): how they are packed, and how their gradients are summed.
#pragma once

#include <strata/cpu/nhwc/dense.hpp>
#include <strata/cpu/nhwc/normalize.hpp>

namespace strata::cpu::nhwc {

using graph::Share;

/// Floats of the packed weights, and of the packed biases: one per channel, or per element as (H, W, C).
constexpr long shared_floats(const Node& node) {
  return whole_lines(node.share == Share::element ? node.in.size() : node.in.channels);
}
constexpr long shared_packed(const Node& node) {
  return node.weights < 0 ? 0 : (node.bias < 0 ? 1 : 2) * shared_floats(node);
}

STRATA_ONCE void pack_shared(const Node& node, const float* parameters, const float* buffers, float* folded,
                             float* packed, core::Team& team);

/// Doubles of the sums of all parts, as floats.
constexpr long shared_partial(const Node& node) {
  return node.share == Share::element ? 0 : partial_sums_floats(node.in.channels);
}
/// Floats of a thread's sums.
constexpr long shared_sums(const Node& node) {
  return 2 * whole_lines(node.share == Share::element ? long(node.in.width) * node.in.channels : node.in.channels);
}

#if STRATA_HAS_BODIES

STRATA_ONCE void pack_shared(const Node& node, const float* parameters, const float*, float*, float* packed,
                             core::Team& team) {
  if (node.weights < 0) return;
  team.once([&] {
    const int channels = node.in.channels;
    for (const int offset : {node.weights, node.bias}) {
      if (offset < 0) continue;
      const float* const from = parameters + offset;
      if (node.share == Share::element)
        for (long i = 0; i < node.in.size(); i++) packed[i] = from[planar(node.in, i)];
      for (int c = 0; c < channels && node.share != Share::element; c++)
        packed[c] = from[node.share == Share::channel ? c : 0];
      packed += shared_floats(node);
    }
  });
}

/// Adds up, over the batch, what each pixel gives to its channels: add(image, pixel, slot, sum, product) for all
/// pixels, row by row. The sums over the elements that share a number are the gradients: `product` of the weights,
/// `sum` of the biases. Threads own rows of elements, or the sums are those of a fixed number of parts, in order.
template <class Add>
void sum_shared(const Call& call, core::Team& team, Add&& add) {
  const Node& node = *call.node;
  const Shape map = node.in;
  const int channels = map.channels;
  const auto put = [&](int offset, long index, double value) {
    float& to = call.step->gradients[offset + index];
    to = float(call.step->accumulate ? to + value : value);
  };
  const auto sums_of = [&](int slot) { return call.slot(slot); };
  const long half = shared_sums(node) / 2;
  if (node.share == Share::element) {
    const long row = long(map.width) * channels;
    team.for_each(map.height, [&](int r, int slot) {
      float *const sum = sums_of(slot), *const product = sum + half;
      std::fill_n(sum, 2 * half, 0.f);
      for (int n = 0; n < call.images(); n++)
        for (long p = 0; p < map.width; p++)
          add(n, r * long(map.width) + p, slot, sum + p * channels, product + p * channels);
      for (long i = 0; i < row; i++) {
        put(node.weights, planar(map, r * row + i), double(product[i]));
        if (node.bias >= 0) put(node.bias, planar(map, r * row + i), double(sum[i]));
      }
    });
    return;
  }
  team.for_each(chunks, [&](int part, int) { std::fill_n(partial_sums(call, part, channels), 2L * channels, 0.0); });
  for_each_part(team, call.images(), map.height, [&](int part, int n, int r, int slot) {
    float *const sum = sums_of(slot), *const product = sum + half;
    std::fill_n(sum, 2 * half, 0.f);
    for (long p = 0; p < map.width; p++) add(n, r * long(map.width) + p, slot, sum, product);
    double* total = partial_sums(call, part, channels);
    for (int c = 0; c < channels; c++) total[c] += double(sum[c]), total[channels + c] += double(product[c]);
  });
  team.once([&] {
    double all_products = 0, all_sums = 0;
    for (int c = 0; c < channels; c++) {
      double sum = 0, product = 0;
      for (int part = 0; part < chunks; part++)
        sum += partial_sums(call, part, channels)[c], product += partial_sums(call, part, channels)[channels + c];
      all_sums += sum, all_products += product;
      if (node.share == Share::image) continue;
      put(node.weights, c, product);
      if (node.bias >= 0) put(node.bias, c, sum);
    }
    if (node.share != Share::image) return;
    put(node.weights, 0, all_products);
    if (node.bias >= 0) put(node.bias, 0, all_sums);
  });
}

#endif  // STRATA_HAS_BODIES

}  // namespace strata::cpu::nhwc
