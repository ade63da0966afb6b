// SPDX-License-Identifier: MIT
// Batch norm: statistics of the batch, z = scale xhat + shift with xhat = (x - mean) inv_std, y = pool(f(z)), and its
// gradients. dz = unpool(dy) f'(z) is recomputed from x wherever it is needed, so only x is stored. In the usual case,
// without a pool and with ReLU or no functor, one pass over the pixels suffices.
#pragma once

#include <strata/cpu/nhwc/convolution.hpp>

#include <cmath>

namespace strata::cpu::nhwc {

using namespace functions;

STRATA_ONCE void batch_statistics(const Call& call, core::Team& team);
STRATA_ONCE void normalize(const Call& call, core::Team& team);
STRATA_ONCE void normalize_reductions(const Call& call, core::Team& team);
STRATA_ONCE void normalize_input_gradient(const Call& call, core::Team& team);
STRATA_ONCE void batch_norm(const Call& call, core::Team& team);

#if STRATA_HAS_BODIES

/// The rows of all images, cut into a fixed number of parts: body(part, image, row, slot), in order within a part.
template <class Body>
void for_each_part(core::Team& team, int images, int rows, Body&& body) {
  const int items = images * rows;
  team.for_each(chunks, [&](int part, int slot) {
    const int first = int(long(items) * part / chunks), last = int(long(items) * (part + 1) / chunks);
    for (int item = first; item < last; item++) body(part, item / rows, item % rows, slot);
  });
}

/// The doubles of a part's reduction: two sums per channel.
inline double* partial_sums(const Call& call, int part, int channels) {
  return reinterpret_cast<double*>(call.partial) + 2L * part * channels;
}

#endif  // STRATA_HAS_BODIES

constexpr long partial_sums_floats(int channels) {
  return 2L * chunks * channels * long(sizeof(double) / sizeof(float));
}

#if STRATA_HAS_BODIES

/// Computes the value of a batch norm that keeps its statistics.
inline void running_statistics(const Call& call) {
  const int channels = call.node->in.channels;
  const float *mean = call.step->buffers + call.node->buffers, *variance = mean + channels;
  for (int c = 0; c < channels; c++) {
    call.output[c] = mean[c];
    call.output[channels + c] = float(1 / std::sqrt(variance[c] + call.node->epsilon));
  }
}

/// Value: [mean[C], inv_std[C]]. Sums are taken around the first pixel of the batch, so a large mean costs no
/// precision.
STRATA_ONCE void batch_statistics(const Call& call, core::Team& team) {
  if (call.keeps_statistics()) return team.once([&] { running_statistics(call); });
  const Node& node = *call.node;
  const int channels = node.in.channels;
  team.for_each(chunks, [&](int part, int) { std::fill_n(partial_sums(call, part, channels), 2L * channels, 0.0); });
  const float* origin = call.input(Input::x, 0);
  for_each_part(team, call.images(), node.in.height, [&](int part, int n, int r, int slot) {
    float* sum = call.slot(slot);
    float* square = sum + whole_lines(channels);
    std::fill_n(sum, 2 * whole_lines(channels), 0.f);
    const float* x = call.input(Input::x, n) + long(r) * node.in.width * channels;
    for (int p = 0; p < node.in.width; p++, x += channels)
      sweep(
          channels,
          [&](long c) {
            const Vector d = core::simd::loadu(x + c) - core::simd::loadu(origin + c);
            core::simd::storeu(sum + c, core::simd::loadu(sum + c) + d);
            core::simd::storeu(square + c, core::simd::fma(d, d, core::simd::loadu(square + c)));
          },
          [&](long c) {
            const float d = x[c] - origin[c];
            sum[c] += d, square[c] += d * d;
          });
    double* total = partial_sums(call, part, channels);
    for (int c = 0; c < channels; c++) total[c] += sum[c], total[channels + c] += square[c];
  });
  team.once([&] {
    const double count = double(call.images()) * node.in.pixels();
    const double momentum = call.step->momentum >= 0 ? call.step->momentum : node.momentum;
    float* running = call.step->running + node.buffers;
    for (int c = 0; c < channels; c++) {
      double sum = 0, square = 0;
      for (int part = 0; part < chunks; part++)
        sum += partial_sums(call, part, channels)[c], square += partial_sums(call, part, channels)[channels + c];
      const double offset = sum / count, mean = origin[c] + offset,
                   variance = std::max(0.0, square / count - offset * offset);
      call.output[c] = float(mean);
      call.output[channels + c] = float(1 / std::sqrt(variance + node.epsilon));
      const double unbiased = count > 1 ? variance * count / (count - 1) : variance;
      running[c] = float((1 - momentum) * running[c] + momentum * mean);
      running[channels + c] = float((1 - momentum) * running[channels + c] + momentum * unbiased);
    }
  });
}

/// a and b of z = a x + b.
inline void normalize_coefficients(const Call& call, const float* statistics, int channels, float* a, float* b) {
  affine_of(call.parameter(call.node->weights), call.parameter(call.node->bias), statistics, channels, a, b);
}

/// What follows z in the node, as far as the kernels tell it apart.
enum class EpilogueKind : unsigned char { none, relu, other };
constexpr EpilogueKind epilogue_of(const Node& node) {
  if (node.epilogue.pools) return EpilogueKind::other;
  if (node.epilogue.functor == graph::no_functor) return EpilogueKind::none;
  return node.epilogue.functor == graph::relu_functor ? EpilogueKind::relu : EpilogueKind::other;
}

/// dz = dy f'(a x + b) for one channel or a vector of channels.
template <EpilogueKind F, class T>
[[gnu::always_inline]] inline T epilogue_gradient(T dy, T x, T a, T b) {
  if constexpr (F == EpilogueKind::relu) return where_positive(a * x + b, dy, T(0.f));
  else return dy;
}
template <EpilogueKind F>
[[gnu::always_inline]] inline Vector epilogue_gradient(Vector dy, Vector x, Vector a, Vector b) {
  if constexpr (F == EpilogueKind::relu) return where_positive(core::simd::fma(a, x, b), dy, Vector(0.f));
  else return dy;
}

#endif  // STRATA_HAS_BODIES

constexpr int pooled_rows(const Node& node) { return node.epilogue.pools ? node.epilogue.pool.rows.kernel : 1; }

/// Floats of a slot: coefficients, and two bands of as many rows as a pool covers.
constexpr long normalize_workspace(const Node& node) {
  return 4 * whole_lines(node.mid.channels) +
         2 * whole_lines(long(pooled_rows(node)) * node.mid.width * node.mid.channels);
}

#if STRATA_HAS_BODIES

STRATA_ONCE void normalize(const Call& call, core::Team& team) {
  const Node& node = *call.node;
  const Shape in = node.mid;
  const int band = pooled_rows(node), channels = in.channels;
  const long row = long(in.width) * channels;
  for_each_row(team, call.images(), node.out.height, [&](int n, int r, int slot) {
    float *a = call.slot(slot), *b = a + whole_lines(channels), *rows = a + 4 * whole_lines(channels);
    normalize_coefficients(call, call.inputs[Input::statistics], channels, a, b);
    float* z = node.epilogue.pools ? rows : call.y(n) + r * row;
    if (epilogue_of(node) == EpilogueKind::relu)
      return affine_relu_row(call.input(Input::x, n) + r * row, a, b, in.width, channels, z);
    affine_row(call.input(Input::x, n) + r * band * row, a, b, band * in.width, channels, z);
    if (node.epilogue.functor != graph::no_functor) call.functor().apply(z, band * row);
    if (node.epilogue.pools)
      pool_row(rows, in, node.epilogue.pool, node.out.width, call.y(n) + long(r) * node.out.width * channels);
  });
}

/// A band of dz = unpool(dy) f'(z), for the rows that output row r covers. z is recomputed from x.
inline void gradient_band(const Call& call, int n, int r, const float* a, const float* b, float* z, float* dz) {
  const Node& node = *call.node;
  const Shape in = node.mid;
  const int band = pooled_rows(node), channels = in.channels;
  const long row = long(in.width) * channels;
  const float* dy = call.input(Input::dy, n) + long(r) * node.in.width * channels;
  const bool has_functor = node.epilogue.functor != graph::no_functor;
  if (has_functor || node.epilogue.pools)
    affine_row(call.input(Input::x, n) + r * band * row, a, b, band * in.width, channels, z);
  if (!node.epilogue.pools) {
    std::copy_n(dy, row, dz);
    if (!has_functor) return;
    if (!call.functor().reads_input) call.functor().apply(z, row);
    call.functor().scale(dz, z, row);
    return;
  }
  // The first maximum of f(z) in each window takes dy. z is kept where the functor's derivative reads its input.
  std::fill_n(dz, band * row, 0.f);
  const bool reads_input = has_functor && call.functor().reads_input;
  if (has_functor && !reads_input) call.functor().apply(z, band * row);
  for (int j = 0; j < node.in.width; j++)
    for (int c = 0; c < channels; c++) {
      long best = 0;
      float most = 0;
      for (int u = 0; u < node.epilogue.pool.rows.kernel; u++)
        for (int v = 0; v < node.epilogue.pool.columns.kernel; v++) {
          const long at = (long(u) * in.width + j * node.epilogue.pool.columns.kernel + v) * channels + c;
          float value = z[at];
          if (reads_input) call.functor().apply(&value, 1);
          if ((u == 0 && v == 0) || value > most) most = value, best = at;
        }
      dz[best] = dy[long(j) * channels + c];
    }
  if (has_functor) call.functor().scale(dz, z, band * row);
}

/// The number of rows of x that pooling windows cover. dz = 0 in the other rows.
constexpr int covered_rows(const Node& node) { return node.in.height * pooled_rows(node); }

/// sum += dz, product += dz (x - mean), over a row of pixels: a few vectors of channels at a time, with their sums in
/// registers.
template <EpilogueKind F>
void reduce_row(const float* dy, const float* x, const float* a, const float* b, const float* mean, int pixels,
                int channels, float* sum, float* product) {
  const auto vectors = [&]<int Count>(std::integral_constant<int, Count>, long c) STRATA_INLINE_LAMBDA {
    Vector s[std::size_t(Count)], t[std::size_t(Count)], scale[std::size_t(Count)], shift[std::size_t(Count)],
        middle[std::size_t(Count)];
    core::simd::unroll<Count>([&](auto v) STRATA_INLINE_LAMBDA {
      const long at = c + v * width;
      s[v] = core::simd::loadu(sum + at), t[v] = core::simd::loadu(product + at);
      scale[v] = core::simd::loadu(a + at), shift[v] = core::simd::loadu(b + at),
      middle[v] = core::simd::loadu(mean + at);
    });
    for (long at = c, p = 0; p < pixels; p++, at += channels)
      core::simd::unroll<Count>([&](auto v) STRATA_INLINE_LAMBDA {
        const Vector value = core::simd::loadu(x + at + v * width);
        const Vector dz = epilogue_gradient<F>(core::simd::loadu(dy + at + v * width), value, scale[v], shift[v]);
        s[v] = s[v] + dz, t[v] = core::simd::fma(dz, value - middle[v], t[v]);
      });
    core::simd::unroll<Count>([&](auto v) STRATA_INLINE_LAMBDA {
      core::simd::storeu(sum + c + v * width, s[v]), core::simd::storeu(product + c + v * width, t[v]);
    });
  };
  constexpr int many = core::simd::registers == 32 ? 4 : 2;
  long c = 0;
  for (; c + many * width <= channels; c += many * width) vectors(std::integral_constant<int, many>{}, c);
  for (; c + width <= channels; c += width) vectors(std::integral_constant<int, 1>{}, c);
  for (; c < channels; c++)
    for (long at = c, p = 0; p < pixels; p++, at += channels) {
      const float dz = epilogue_gradient<F>(dy[at], x[at], a[c], b[c]);
      sum[c] += dz, product[c] += dz * (x[at] - mean[c]);
    }
}

/// dx = a (dz + (slope x + offset)) over a row of pixels. The sum is computed first: where a batch holds one element
/// per channel it is exactly zero, while a, which contains inv_std, is large.
template <EpilogueKind F>
void input_gradient_row(const float* dy, const float* x, const float* a, const float* b, const float* slope,
                        const float* offset, int pixels, int channels, float* dx) {
  for (int p = 0; p < pixels; p++, x += channels, dy += channels, dx += channels)
    sweep(
        channels,
        [&](long c) {
          const Vector value = core::simd::loadu(x + c), scale = core::simd::loadu(a + c);
          const Vector dz = epilogue_gradient<F>(core::simd::loadu(dy + c), value, scale, core::simd::loadu(b + c));
          core::simd::storeu(dx + c, scale * (dz + core::simd::fma(core::simd::loadu(slope + c), value,
                                                                   core::simd::loadu(offset + c))));
        },
        [&](long c) {
          dx[c] = a[c] * (epilogue_gradient<F>(dy[c], x[c], a[c], b[c]) + (slope[c] * x[c] + offset[c]));
        });
}

/// Value: [sum dz[C], sum dz xhat[C]], or zeros if the statistics are kept.
STRATA_ONCE void normalize_reductions(const Call& call, core::Team& team) {
  const Node& node = *call.node;
  const Shape in = node.mid;
  const int band = pooled_rows(node), channels = in.channels;
  const long row = long(in.width) * channels;
  const float *mean = call.inputs[Input::statistics], *inv_std = mean + channels;
  team.for_each(chunks, [&](int part, int) { std::fill_n(partial_sums(call, part, channels), 2L * channels, 0.0); });
  for_each_part(team, call.images(), node.in.height, [&](int part, int n, int r, int slot) {
    float *a = call.slot(slot), *b = a + whole_lines(channels), *sum = b + whole_lines(channels),
          *product = sum + whole_lines(channels);
    float *z = product + whole_lines(channels), *dz = z + whole_lines(band * row);
    normalize_coefficients(call, call.inputs[Input::statistics], channels, a, b);
    std::fill_n(sum, 2 * whole_lines(channels), 0.f);
    const float *x = call.input(Input::x, n) + r * band * row,
                *dy = node.epilogue.pools ? nullptr : call.input(Input::dy, n) + r * row;
    switch (epilogue_of(node)) {
      case EpilogueKind::relu:
        reduce_row<EpilogueKind::relu>(dy, x, a, b, mean, in.width, channels, sum, product);
        break;
      case EpilogueKind::none:
        reduce_row<EpilogueKind::none>(dy, x, a, b, mean, in.width, channels, sum, product);
        break;
      case EpilogueKind::other:
        gradient_band(call, n, r, a, b, z, dz);
        reduce_row<EpilogueKind::none>(dz, x, a, b, mean, band * in.width, channels, sum, product);
    }
    double* total = partial_sums(call, part, channels);
    for (int c = 0; c < channels; c++) total[c] += sum[c], total[channels + c] += product[c];
  });
  team.once([&] {
    const bool kept = call.keeps_statistics();
    for (int c = 0; c < channels; c++) {
      double sum = 0, product = 0;
      for (int part = 0; part < chunks; part++)
        sum += partial_sums(call, part, channels)[c], product += partial_sums(call, part, channels)[channels + c];
      product *= inv_std[c];
      call.output[c] = kept ? 0.f : float(sum), call.output[channels + c] = kept ? 0.f : float(product);
      if (node.frozen) continue;
      float *const scale = call.step->gradients + node.weights, *const shift = call.step->gradients + node.bias;
      shift[c] = float(call.step->accumulate ? shift[c] + sum : sum);
      scale[c] = float(call.step->accumulate ? scale[c] + product : product);
    }
  });
}

/// dx = scale inv_std (dz - sum dz / n - xhat sum dz xhat / n)
STRATA_ONCE void normalize_input_gradient(const Call& call, core::Team& team) {
  const Node& node = *call.node;
  const Shape in = node.mid;
  const int band = pooled_rows(node), channels = in.channels, covered = covered_rows(node);
  const int bands = node.in.height + core::ceil_divide(in.height - covered, band);
  const long row = long(in.width) * channels;
  const float *mean = call.inputs[Input::statistics], *inv_std = mean + channels,
              *sums = call.inputs[Input::reductions];
  const double count = double(call.images()) * in.pixels();
  for_each_row(team, call.images(), bands, [&](int n, int r, int slot) {
    float *a = call.slot(slot), *b = a + whole_lines(channels), *slope = b + whole_lines(channels),
          *offset = slope + whole_lines(channels);
    float *z = offset + whole_lines(channels), *dz = z + whole_lines(band * row);
    normalize_coefficients(call, call.inputs[Input::statistics], channels, a, b);
    const int rows = r < node.in.height ? band : std::min(band, in.height - r * band);
    for (int c = 0; c < channels; c++) {
      const double k = sums[channels + c] * double(inv_std[c]) / count;
      slope[c] = float(-k);
      offset[c] = float(k * mean[c] - sums[c] / count);
    }
    const float *x = call.input(Input::x, n) + r * band * row,
                *dy = node.epilogue.pools ? nullptr : call.input(Input::dy, n) + r * row;
    float* dx = call.y(n) + r * band * row;
    switch (epilogue_of(node)) {
      case EpilogueKind::relu:
        return input_gradient_row<EpilogueKind::relu>(dy, x, a, b, slope, offset, in.width, channels, dx);
      case EpilogueKind::none:
        return input_gradient_row<EpilogueKind::none>(dy, x, a, b, slope, offset, in.width, channels, dx);
      case EpilogueKind::other:
        if (r < node.in.height) gradient_band(call, n, r, a, b, z, dz);
        else std::fill_n(dz, rows * row, 0.f);
        input_gradient_row<EpilogueKind::none>(dz, x, a, b, slope, offset, rows * in.width, channels, dx);
    }
  });
}

/// batch_norm in inference, where it could not be folded.
STRATA_ONCE void batch_norm(const Call& call, core::Team& team) {
  const Node& node = *call.node;
  const int channels = node.in.channels;
  const long row = long(node.in.width) * channels;
  for_each_row(team, call.images(), node.in.height, [&](int n, int r, int) {
    float* y = call.y(n) + r * row;
    affine_row(call.input(Input::x, n) + r * row, call.packed, call.packed + whole_lines(channels), node.in.width,
               channels, y);
    if (node.epilogue.functor != graph::no_functor) call.functor().apply(y, row);
  });
}

#endif  // STRATA_HAS_BODIES

}  // namespace strata::cpu::nhwc
