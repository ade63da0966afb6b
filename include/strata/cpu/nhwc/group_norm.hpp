// SPDX-License-Identifier: MIT
// Norms within an image: statistics of groups of its channels, over the map or of each pixel, the norm by them and its
// gradients. Sums over a map are taken around its first pixel, per channel, so that a large mean costs no precision;
// then those of a group's channels are merged.
#pragma once

#include <strata/cpu/nhwc/group_numbers.hpp>

#include <type_traits>

namespace strata::cpu::nhwc {

STRATA_ONCE void group_statistics(const Call& call, core::Team& team);
STRATA_ONCE void group_norm(const Call& call, core::Team& team);
STRATA_ONCE void group_norm_reductions(const Call& call, core::Team& team);
STRATA_ONCE void group_norm_input_gradient(const Call& call, core::Team& team);
STRATA_ONCE void group_norm_weight_gradient(const Call& call, core::Team& team);

/// Floats of a thread: up to six numbers per channel; before them, two sums in floats and two in doubles.
constexpr long group_numbers(const Node& node) { return 6 * whole_lines(node.in.channels); }
constexpr long group_sums(const Node& node) {
  return 2 * whole_lines(node.in.channels) + whole_lines(2L * node.in.channels * long(sizeof(double) / sizeof(float)));
}
constexpr long group_reduction_workspace(const Node& node) { return group_sums(node) + group_numbers(node); }
constexpr long group_gradient_workspace(const Node& node) { return shared_sums(node) + group_numbers(node); }

#if STRATA_HAS_BODIES

/// The pixels that share statistics: body(image, first, last, slot).
template <class Body>
void for_each_normalized(const Call& call, core::Team& team, Body&& body) {
  const Shape map = call.node->in;
  if (!normalizes_pixels(*call.node))
    return team.for_each(call.images(), [&](int n, int slot) { body(n, 0L, long(map.pixels()), slot); });
  for_each_row(team, call.images(), map.height, [&](int n, int r, int slot) {
    for (long p = long(r) * map.width; p < (r + 1L) * map.width; p++) body(n, p, p + 1, slot);
  });
}

/// Two sums per channel over pixels: a row at a time in floats, then in doubles.
struct GroupSums {
  float *sum, *product;
  double* totals;
  int channels;

  GroupSums(float* slot, int count)
      : sum(slot),
        product(slot + whole_lines(count)),
        totals(reinterpret_cast<double*>(slot + 2 * whole_lines(count))),
        channels(count) {}
  /// add(pixel, sum, product)
  template <class Add>
  void over(long first, long last, long row, Add&& add) {
    std::fill_n(totals, 2L * channels, 0.0);
    for (long from = first; from < last; from += row) {
      std::fill_n(sum, channels, 0.f), std::fill_n(product, channels, 0.f);
      for (long p = from; p < std::min(from + row, last); p++) add(p, sum, product);
      for (int c = 0; c < channels; c++) totals[c] += double(sum[c]), totals[channels + c] += double(product[c]);
    }
  }
};

/// A float, or a vector of them.
template <class T>
[[gnu::always_inline]] inline T number_at(const float* p) {
  if constexpr (std::is_same_v<T, float>) return *p;
  else return core::simd::loadu(p);
}

struct TwoSums {
  float first, second;
};

/// Two sums over the channels of a group at a pixel: add.operator()<T>(channel, first, second), T a float or a vector.
template <class Add>
TwoSums sum_channels(long channels, Add&& add) {
  Vector first(0.f), second(0.f);
  float rest = 0, more = 0;
  sweep(
      channels, [&](long c) { add.template operator()<Vector>(c, first, second); },
      [&](long c) { add.template operator()<float>(c, rest, more); });
  return {core::simd::sum(first) + rest, core::simd::sum(second) + more};
}

/// Of the groups of one pixel.
inline void pixel_statistics(const float* x, int groups, int size, double epsilon, float* y) {
  for (int g = 0; g < groups; g++, x += size) {
    const float mean =
        sum_channels(size, [&]<class T>(long c, T& sum, T&) { sum = sum + number_at<T>(x + c); }).first / float(size);
    const float squares = sum_channels(size, [&]<class T>(long c, T& sum, T&) {
                            const T d = number_at<T>(x + c) - T(mean);
                            sum = sum + d * d;
                          }).first;
    y[g] = mean;
    y[groups + g] = float(1 / std::sqrt(double(squares) / size + epsilon));
  }
}
inline void pixel_reductions(const float* dy, const float* x, const float* scale, const float* statistics, int groups,
                             int size, float* y) {
  for (int g = 0; g < groups; g++, dy += size, x += size, scale += size) {
    const TwoSums sums = sum_channels(size, [&]<class T>(long c, T& sum, T& product) {
      const T dz = number_at<T>(dy + c) * number_at<T>(scale + c);
      sum = sum + dz, product = product + dz * (number_at<T>(x + c) - T(statistics[g]));
    });
    y[g] = sums.first / float(size);
    y[groups + g] = sums.second * statistics[groups + g] / float(size);
  }
}

STRATA_ONCE void group_statistics(const Call& call, core::Team& team) {
  const Node& node = *call.node;
  const int channels = node.in.channels, groups = node.groups, size = channels / groups;
  for_each_normalized(call, team, [&](int n, long first, long last, int slot) {
    const float *const x = call.input(Input::x, n), *const origin = x + first * channels;
    if (normalizes_pixels(node))
      return pixel_statistics(origin, groups, size, node.epsilon, call.y(n) + first * 2 * groups);
    GroupSums sums(call.slot(slot), channels);
    sums.over(first, last, node.in.width, [&](long p, float* sum, float* square) {
      const float* const at = x + p * channels;
      sweep(
          channels,
          [&](long c) {
            const Vector d = core::simd::loadu(at + c) - core::simd::loadu(origin + c);
            core::simd::storeu(sum + c, core::simd::loadu(sum + c) + d);
            core::simd::storeu(square + c, core::simd::fma(d, d, core::simd::loadu(square + c)));
          },
          [&](long c) {
            const float d = at[c] - origin[c];
            sum[c] += d, square[c] += d * d;
          });
    });
    const double pixels = double(last - first);
    float* const y = call.y(n) + first * 2 * groups;
    for (int g = 0; g < groups; g++) {
      double mean = 0, variance = 0;
      for (int c = g * size; c < (g + 1) * size; c++) mean += double(origin[c]) + sums.totals[c] / pixels;
      mean /= size;
      for (int c = g * size; c < (g + 1) * size; c++) {
        const double offset = sums.totals[c] / pixels, away = double(origin[c]) + offset - mean;
        variance += std::max(0.0, sums.totals[channels + c] / pixels - offset * offset) + away * away;
      }
      y[g] = float(mean);
      y[groups + g] = float(1 / std::sqrt(variance / size + node.epsilon));
    }
  });
}

/// y = f(scale (x - mean) inv_std + shift); y may be x.
STRATA_ONCE void group_norm(const Call& call, core::Team& team) {
  const Node& node = *call.node;
  const int channels = node.in.channels;
  for_each_row(team, call.images(), node.in.height, [&](int n, int r, int slot) {
    float* const memory = call.slot(slot);
    GroupNumbers statistics(node, call.input(Input::statistics, n), memory);
    const ScaleAndShift by(call, memory + 2 * whole_lines(channels));
    for (long p = long(r) * node.in.width; p < (r + 1L) * node.in.width; p++) {
      statistics.at(p);
      const float *const x = call.input(Input::x, n) + p * channels, *const mean = statistics.first,
                         *const inv_std = statistics.second, *const scale = by.scale + p * by.step,
                         *const shift = by.shift + p * by.step;
      float* const y = call.y(n) + p * channels;
      sweep(
          channels,
          [&](long c) {
            const Vector xhat =
                (core::simd::loadu(x + c) - core::simd::loadu(mean + c)) * core::simd::loadu(inv_std + c);
            core::simd::storeu(y + c,
                               core::simd::fma(xhat, core::simd::loadu(scale + c), core::simd::loadu(shift + c)));
          },
          [&](long c) { y[c] = (x[c] - mean[c]) * inv_std[c] * scale[c] + shift[c]; });
    }
    const long row = long(node.in.width) * channels;
    if (node.epilogue.functor != graph::no_functor) call.functor().apply(call.y(n) + r * row, row);
  });
}

/// Value: the means of dz and of dz xhat, dz = scale dy.
STRATA_ONCE void group_norm_reductions(const Call& call, core::Team& team) {
  const Node& node = *call.node;
  const int channels = node.in.channels, groups = node.groups, size = channels / groups;
  for_each_normalized(call, team, [&](int n, long first, long last, int slot) {
    const float* const own = call.input(Input::statistics, n) + first * 2 * groups;
    GroupSums sums(call.slot(slot), channels);
    float* const memory = call.slot(slot) + group_sums(node);
    const ScaleAndShift by(call, memory + 2 * whole_lines(channels));
    if (normalizes_pixels(node))
      return pixel_reductions(call.input(Input::dy, n) + first * channels, call.input(Input::x, n) + first * channels,
                              by.scale + first * by.step, own, groups, size, call.y(n) + first * 2 * groups);
    GroupNumbers statistics(node, nullptr, memory);
    statistics.spread(own);
    const float* const mean = statistics.first;
    sums.over(first, last, node.in.width, [&](long p, float* sum, float* product) {
      const float *const dy = call.input(Input::dy, n) + p * channels,
                         *const x = call.input(Input::x, n) + p * channels, *const scale = by.scale + p * by.step;
      sweep(
          channels,
          [&](long c) {
            const Vector dz = core::simd::loadu(dy + c) * core::simd::loadu(scale + c);
            const Vector away = core::simd::loadu(x + c) - core::simd::loadu(mean + c);
            core::simd::storeu(sum + c, core::simd::loadu(sum + c) + dz);
            core::simd::storeu(product + c, core::simd::fma(dz, away, core::simd::loadu(product + c)));
          },
          [&](long c) {
            const float dz = dy[c] * scale[c];
            sum[c] += dz, product[c] += dz * (x[c] - mean[c]);
          });
    });
    const double elements = double(last - first) * size;
    float* const y = call.y(n) + first * 2 * groups;
    for (int g = 0; g < groups; g++) {
      double sum = 0, product = 0;
      for (int c = g * size; c < (g + 1) * size; c++) sum += sums.totals[c], product += sums.totals[channels + c];
      y[g] = float(sum / elements);
      y[groups + g] = float(product * double(own[groups + g]) / elements);
    }
  });
}

/// dx = inv_std (dz - mean of dz - xhat mean of dz xhat); dx may be dy.
STRATA_ONCE void group_norm_input_gradient(const Call& call, core::Team& team) {
  const Node& node = *call.node;
  const int channels = node.in.channels;
  for_each_row(team, call.images(), node.in.height, [&](int n, int r, int slot) {
    float* const memory = call.slot(slot);
    GroupNumbers statistics(node, call.input(Input::statistics, n), memory);
    GroupNumbers means(node, call.input(Input::reductions, n), memory + 2 * whole_lines(channels));
    const ScaleAndShift by(call, memory + 4 * whole_lines(channels));
    for (long p = long(r) * node.in.width; p < (r + 1L) * node.in.width; p++) {
      statistics.at(p), means.at(p);
      const float *const x = call.input(Input::x, n) + p * channels,
                         *const dy = call.input(Input::dy, n) + p * channels, *const mean = statistics.first,
                         *const inv_std = statistics.second, *const sum = means.first, *const product = means.second,
                         *const scale = by.scale + p * by.step;
      float* const dx = call.y(n) + p * channels;
      sweep(
          channels,
          [&](long c) {
            const Vector factor = core::simd::loadu(inv_std + c);
            const Vector xhat = (core::simd::loadu(x + c) - core::simd::loadu(mean + c)) * factor;
            const Vector dz = core::simd::loadu(dy + c) * core::simd::loadu(scale + c);
            core::simd::storeu(dx + c,
                               factor * (dz - core::simd::loadu(sum + c) - xhat * core::simd::loadu(product + c)));
          },
          [&](long c) {
            const float xhat = (x[c] - mean[c]) * inv_std[c];
            dx[c] = inv_std[c] * (dy[c] * scale[c] - sum[c] - xhat * product[c]);
          });
    }
  });
}

STRATA_ONCE void group_norm_weight_gradient(const Call& call, core::Team& team) {
  const Node& node = *call.node;
  const int channels = node.in.channels;
  sum_shared(call, team, [&](int n, long p, int slot, float* sum, float* product) {
    GroupNumbers statistics(node, call.input(Input::statistics, n), call.slot(slot) + shared_sums(node));
    statistics.at(p);
    const float *const x = call.input(Input::x, n) + p * channels, *const dy = call.input(Input::dy, n) + p * channels,
                       *const mean = statistics.first, *const inv_std = statistics.second;
    sweep(
        channels,
        [&](long c) {
          const Vector xhat = (core::simd::loadu(x + c) - core::simd::loadu(mean + c)) * core::simd::loadu(inv_std + c);
          const Vector d = core::simd::loadu(dy + c);
          core::simd::storeu(sum + c, core::simd::loadu(sum + c) + d);
          core::simd::storeu(product + c, core::simd::fma(d, xhat, core::simd::loadu(product + c)));
        },
        [&](long c) { sum[c] += dy[c], product[c] += dy[c] * ((x[c] - mean[c]) * inv_std[c]); });
  });
}

#endif  // STRATA_HAS_BODIES

}  // namespace strata::cpu::nhwc
