// SPDX-License-Identifier: MIT
// dw[c][tap] = sum over images and pixels of dy[pixel][c] x[pixel * stride + tap][c / m]; db[c] = sum of dy. The sums
// of a few channels and all taps stay in registers along a row; those of rows are added up per image, and those of
// images in double precision. Each thread owns its channels, so every sum has one order.
#pragma once

#include <strata/cpu/nhwc/depthwise_convolution.hpp>
#include <strata/cpu/nhwc/weight_gradient.hpp>

namespace strata::cpu::nhwc {

/// Vectors of channels whose 3x3 sums fit into registers.
inline constexpr int depthwise_sum_vectors = core::simd::registers == 32 ? 2 : 1;

/// Floats of a thread's sums: of an image, and of all images in double precision.
constexpr long depthwise_sums(const Node& node) {
  return 3 * whole_lines(long(node.window.taps()) * depthwise_sum_vectors * width);
}

STRATA_ONCE void depthwise_convolution_weight_gradient(const Call& call, core::Team& team);

#if STRATA_HAS_BODIES

/// A vector of channels, or one.
template <class T>
inline constexpr int lanes_of = std::is_same_v<T, float> ? 1 : width;

/// Pixels of a row of outputs, what the first tap of the first one reads, and the floats between neighbors.
struct DepthwiseRun {
  const float *x, *dy;
  long x_row, x_column, x_step, dy_step;
  int pixels;
};

/// sums[row][column][Vectors * lanes] += sum over the pixels, for Rows x Columns adjacent taps, whose rows are `row`
/// floats apart in `sums`.
template <class T, int Rows, int Columns, int Vectors>
[[gnu::noinline]] void add_products(const DepthwiseRun& run, long row, float* sums) {
  constexpr int lanes = lanes_of<T>;
  T sum[std::size_t(Rows)][std::size_t(Columns)][std::size_t(Vectors)];
  const auto for_each_sum = [&](auto&& body) STRATA_INLINE_LAMBDA {
    core::simd::unroll<Rows>([&](auto r) STRATA_INLINE_LAMBDA {
      core::simd::unroll<Columns>([&](auto k) STRATA_INLINE_LAMBDA {
        core::simd::unroll<Vectors>([&](auto v) STRATA_INLINE_LAMBDA { body(r, k, v); });
      });
    });
  };
  for_each_sum([&](auto r, auto k, auto v) STRATA_INLINE_LAMBDA { sum[r][k][v] = T(0.f); });
  const float *x = run.x, *dy = run.dy;
  for (int p = 0; p < run.pixels; p++, x += run.x_step, dy += run.dy_step) {
    T gradient[std::size_t(Vectors)];
    core::simd::unroll<Vectors>([&](auto v)
                                    STRATA_INLINE_LAMBDA { gradient[v] = core::simd::read<T>(dy + v * lanes); });
    for_each_sum([&](auto r, auto k, auto v) STRATA_INLINE_LAMBDA {
      sum[r][k][v] = core::simd::fma(core::simd::read<T>(x + r * run.x_row + k * run.x_column + v * lanes), gradient[v],
                                     sum[r][k][v]);
    });
  }
  for_each_sum([&](auto r, auto k, auto v) STRATA_INLINE_LAMBDA {
    float* const to = sums + r * row + (k * Vectors + v) * lanes;
    core::simd::write(to, core::simd::read<T>(to) + sum[r][k][v]);
  });
}

/// Adds the products of a row of outputs to sums[tap][Vectors * lanes]. x: the map at the first of the channels; dy:
/// the row at the first of the channels.
template <class T, int Vectors>
void add_row(const Node& node, const float* x, const float* dy, int y, float* sums) {
  constexpr long lanes = long(Vectors) * lanes_of<T>;
  const core::Axis& columns = node.window.columns;
  const TapRun rows = taps_of_output(node.window.rows, node.in.height, y);
  if (rows.count == 0) return;
  const long row = columns.kernel * lanes, pixel = node.in.channels;
  const Span all = outputs_inside(columns, node.in.width, node.out.width);
  const Span inside = all.count() ? all : Span{node.out.width, node.out.width};
  // The pixels from `first` to `end`, for the taps from row a of `rows` and column k on.
  const auto run = [&](int a, int k, int first, int end) {
    return DepthwiseRun{x + ((rows.at + long(a) * rows.at_step) * node.in.width + columns.source(first, k)) * pixel,
                        dy + long(first) * node.out.channels,
                        long(rows.at_step) * node.in.width * pixel,
                        columns.dilation * pixel,
                        columns.stride * pixel,
                        node.out.channels,
                        end - first};
  };
  const auto at = [&](int a, int k) { return sums + (rows.tap + a) * row + k * lanes; };
  const auto single = [&](int a, int k, int first, int end) {
    if (first < end) add_products<T, 1, 1, Vectors>(run(a, k, first, end), row, at(a, k));
  };
  const int kernel = columns.kernel;
  const bool whole = kernel == 3 && rows.count == 3;
  if (whole && inside.count()) add_products<T, 3, 3, Vectors>(run(0, 0, inside.first, inside.end), row, at(0, 0));
  for (int a = 0; a < rows.count; a++) {
    const DepthwiseRun middle = run(a, 0, inside.first, inside.end);
    const bool by_row = kernel == 3 || kernel == 5 || kernel == 7;
    if (middle.pixels == 0 || whole) {
    } else if (kernel == 3) {
      add_products<T, 1, 3, Vectors>(middle, row, at(a, 0));
    } else if (kernel == 5) {
      add_products<T, 1, 5, Vectors>(middle, row, at(a, 0));
    } else if (kernel == 7) {
      add_products<T, 1, 7, Vectors>(middle, row, at(a, 0));
    }
    for (int k = 0; k < kernel; k++) {
      const Span valid = valid_outputs(node.in.width, node.out.width, columns.stride, columns.source(0, k));
      single(a, k, valid.first, std::min(valid.end, inside.first));
      if (!by_row) single(a, k, inside.first, inside.end);
      single(a, k, std::max(valid.first, inside.end), valid.end);
    }
  }
}

/// The gradients of the channels from `channel` on; of the first `known`, another call stores them.
template <class T, int Vectors>
void sum_channels(const Call& call, int channel, int known, float* workspace) {
  constexpr int lanes = Vectors * lanes_of<T>;
  const Node& node = *call.node;
  const int taps = node.window.taps(), multiplier = node.out.channels / node.in.channels;
  const long count = long(taps) * lanes;
  double* const total = reinterpret_cast<double*>(workspace);
  float* const image = workspace + 2 * whole_lines(count);
  std::fill_n(total, count, 0.0);
  for (int n = 0; n < call.images(); n++) {
    std::fill_n(image, count, 0.f);
    const float* const x = call.input(Input::x, n) + channel / multiplier;
    const float* dy = call.input(Input::dy, n) + channel;
    for (int y = 0; y < node.out.height; y++, dy += long(node.out.width) * node.out.channels)
      add_row<T, Vectors>(node, x, dy, y, image);
    for (long i = 0; i < count; i++) total[i] += double(image[i]);
  }
  for (int j = known; j < lanes; j++) {
    float* const to = call.step->gradients + node.weights + long(channel + j) * taps;
    for (int t = 0; t < taps; t++) {
      const double sum = total[long(t) * lanes + j];
      to[t] = float(call.step->accumulate ? to[t] + sum : sum);
    }
  }
}

STRATA_ONCE void depthwise_convolution_weight_gradient(const Call& call, core::Team& team) {
  const Node& node = *call.node;
  const int channels = node.out.channels;
  constexpr int several = depthwise_sum_vectors;
  if (channels != node.in.channels || channels < width) {
    team.for_each(channels, [&](int c, int slot) { sum_channels<float, 1>(call, c, 0, call.slot(slot)); });
  } else if (const int groups = channels / (several * width); groups >= 2 * team.slots()) {
    const int rest = core::ceil_divide(channels - groups * several * width, width);
    team.for_each(groups + rest, [&](int g, int slot) {
      if (g < groups) return sum_channels<Vector, several>(call, g * several * width, 0, call.slot(slot));
      const int first = groups * several * width + (g - groups) * width, start = std::min(first, channels - width);
      sum_channels<Vector, 1>(call, start, first - start, call.slot(slot));
    });
  } else {  // few channels: all threads get some
    team.for_each(core::ceil_divide(channels, width), [&](int g, int slot) {
      const int start = std::min(g * width, channels - width);
      sum_channels<Vector, 1>(call, start, g * width - start, call.slot(slot));
    });
  }
  bias_gradient(call, team);
}

#endif  // STRATA_HAS_BODIES

}  // namespace strata::cpu::nhwc
