// SPDX-License-Identifier: MIT
// Norms within an image: statistics of groups of its channels, over the map or of each pixel, the norm by them and its
// gradients. Each lane has the statistics of its own image.
#pragma once

#include <strata/cpu/lanes/functor.hpp>
#include <strata/cpu/lanes/shared.hpp>

namespace strata::cpu::lanes {

STRATA_ONCE void group_statistics(const Call& call);
STRATA_ONCE void group_norm_reductions(const Call& call);
STRATA_ONCE void group_norm_input_gradient(const Call& call);
STRATA_ONCE void group_norm_weight_gradient(const Call& call);

/// The groups of a map, each over the map or of one pixel, and where their two numbers are.
struct Groups {
  int pixels, groups, channels;  ///< pixels of the map; channels of a group
  bool each_pixel;

  explicit Groups(const Node& node)
      : pixels(node.in.pixels()),
        groups(node.groups),
        channels(node.in.channels / node.groups),
        each_pixel(normalizes_pixels(node)) {}
  /// The floats from the first number of a channel's group at a pixel to the second.
  long to_second() const { return long(groups) * (each_pixel ? pixels : 1) * width; }
  long at(int channel, int pixel) const {
    return (long(channel / channels) * (each_pixel ? pixels : 1) + (each_pixel ? pixel : 0)) * width;
  }
  long element(int channel, int pixel) const { return (long(channel) * pixels + pixel) * width; }
  /// body(where its numbers are, its first channel, its first pixel, one past its last)
  template <class Body>
  void for_each(Body&& body) const {
    for (int g = 0; g < groups; g++)
      for (int p = 0; p < (each_pixel ? pixels : 1); p++)
        body(at(g * channels, p), g * channels, p, each_pixel ? p + 1 : pixels);
  }
};

/// Calls body(floats from the start of a tensor, mean, inv_std, index of scale and shift) for each element.
template <class Body>
void for_each_normalized(const Call& call, Body&& body) {
  const Node& node = *call.node;
  const Groups groups(node);
  const float* const statistics = call.inputs[Input::statistics];
  for (int c = 0; c < node.in.channels; c++)
    for (int p = 0; p < groups.pixels; p++) {
      const float* const own = statistics + groups.at(c, p);
      body(groups.element(c, p), core::simd::load(own), core::simd::load(own + groups.to_second()),
           shared_index(node, c, p));
    }
}

/// Scale and shift of an element, or 1 and 0.
inline Vector scale_of(const Call& call, long index) {
  return Vector(call.node->weights < 0 ? 1.f : call.packed[index]);
}
inline Vector shift_of(const Call& call, long index) {
  return Vector(call.node->bias < 0 ? 0.f : call.packed[shared_count(*call.node) + index]);
}

/// y = f(scale (x - mean) inv_std + shift)
template <class F>
void group_norm(const Call& call) {
  const float* const x = call.inputs[Input::x];
  for_each_normalized(call, [&](long at, Vector mean, Vector inv_std, long index) {
    const Vector xhat = (core::simd::load(x + at) - mean) * inv_std;
    core::simd::store(call.y + at, F::f(core::simd::fma(xhat, scale_of(call, index), shift_of(call, index))));
  });
}

#if STRATA_HAS_BODIES

STRATA_ONCE void group_statistics(const Call& call) {
  const Groups groups(*call.node);
  const float* const x = call.inputs[Input::x];
  const Vector epsilon(float(call.node->epsilon));
  groups.for_each([&](long to, int channel, int first, int last) {
    const Vector share(1 / float(long(groups.channels) * (last - first)));
    const Vector origin = core::simd::load(x + groups.element(channel, first));
    Vector sum(0.f), squares(0.f);
    for (int c = channel; c < channel + groups.channels; c++)
      for (int p = first; p < last; p++) sum = sum + (core::simd::load(x + groups.element(c, p)) - origin);
    const Vector mean = core::simd::fma(sum, share, origin);
    for (int c = channel; c < channel + groups.channels; c++)
      for (int p = first; p < last; p++) {
        const Vector d = core::simd::load(x + groups.element(c, p)) - mean;
        squares = core::simd::fma(d, d, squares);
      }
    core::simd::store(call.y + to, mean);
    core::simd::store(call.y + to + groups.to_second(),
                      Vector(1.f) / square_root(core::simd::fma(squares, share, epsilon)));
  });
}

/// Value: the means of dz and of dz xhat, dz = scale dy.
STRATA_ONCE void group_norm_reductions(const Call& call) {
  const Node& node = *call.node;
  const Groups groups(node);
  const float *const dy = call.inputs[Input::dy], *const x = call.inputs[Input::x],
                     *const statistics = call.inputs[Input::statistics];
  groups.for_each([&](long to, int channel, int first, int last) {
    const Vector share(1 / float(long(groups.channels) * (last - first)));
    const Vector mean = core::simd::load(statistics + to),
                 inv_std = core::simd::load(statistics + to + groups.to_second());
    Vector sum(0.f), product(0.f);
    for (int c = channel; c < channel + groups.channels; c++)
      for (int p = first; p < last; p++) {
        const long at = groups.element(c, p);
        const Vector dz = core::simd::load(dy + at) * scale_of(call, shared_index(node, c, p));
        sum = sum + dz;
        product = core::simd::fma(dz, core::simd::load(x + at) - mean, product);
      }
    core::simd::store(call.y + to, sum * share);
    core::simd::store(call.y + to + groups.to_second(), product * inv_std * share);
  });
}

/// dx = inv_std (dz - mean of dz - xhat mean of dz xhat)
STRATA_ONCE void group_norm_input_gradient(const Call& call) {
  const Node& node = *call.node;
  const Groups groups(node);
  const float *const dy = call.inputs[Input::dy], *const x = call.inputs[Input::x],
                     *const means = call.inputs[Input::reductions], *const statistics = call.inputs[Input::statistics];
  for (int c = 0; c < node.in.channels; c++)
    for (int p = 0; p < groups.pixels; p++) {
      const long at = groups.element(c, p), own = groups.at(c, p), second = own + groups.to_second();
      const Vector inv_std = core::simd::load(statistics + second);
      const Vector xhat = (core::simd::load(x + at) - core::simd::load(statistics + own)) * inv_std;
      const Vector dz = core::simd::load(dy + at) * scale_of(call, shared_index(node, c, p));
      core::simd::store(call.y + at,
                        inv_std * (dz - core::simd::load(means + own) - xhat * core::simd::load(means + second)));
    }
}

/// partial: [scale][shift]
STRATA_ONCE void group_norm_weight_gradient(const Call& call) {
  const float *const x = call.inputs[Input::x], *const dy = call.inputs[Input::dy];
  const long count = shared_count(*call.node);
  for_each_normalized(call, [&](long at, Vector mean, Vector inv_std, long index) {
    const Vector d = core::simd::load(dy + at), xhat = (core::simd::load(x + at) - mean) * inv_std;
    call.partial[index] += core::simd::sum(d * xhat);
    call.partial[count + index] += core::simd::sum(d);
  });
}

#endif  // STRATA_HAS_BODIES

}  // namespace strata::cpu::lanes
