// SPDX-License-Identifier: MIT
// Softmax of a single pixel with a constant number of channels, in whole vectors.
#pragma once

#include <strata/cpu/nhwc/call.hpp>

#include <limits>

namespace strata::cpu::nhwc::fixed_shape {

template <int Channels>
void softmax(const Call& call, core::Team& team) {
  constexpr int vectors = core::ceil_divide(Channels, width);
  team.for_each(call.images(), [&](int n, int) {
    alignas(64) float all[std::size_t(vectors * width)];
    for (int c = Channels; c < vectors * width; c++) all[c] = std::numeric_limits<float>::lowest();
    std::copy_n(call.input(Input::x, n), Channels, all);
    const Vector most(*std::max_element(all, all + Channels));
    Vector total(0.f);
    core::simd::unroll<vectors>([&](auto v) STRATA_INLINE_LAMBDA {
      const Vector e = exponential(core::simd::load(all + v * width) - most);
      core::simd::store(all + v * width, e);
      total = total + e;
    });
    const Vector share(1 / core::simd::sum(total));
    core::simd::unroll<vectors>([&](auto v) STRATA_INLINE_LAMBDA {
      core::simd::store(all + v * width, core::simd::load(all + v * width) * share);
    });
    std::copy_n(all, Channels, call.y(n));
  });
}

}  // namespace strata::cpu::nhwc::fixed_shape
