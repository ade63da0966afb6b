// SPDX-License-Identifier: MIT
// Batch norm in training, with the functor and the max pool that follow it:
//   z = scale (x - mean) inv_std + shift     y = pool(f(z))
//   dz = dy f'(z) at the first maximum of each window, else 0
//   reductions: sum dz, sum dz xhat          dx = scale inv_std (dz - sum dz / n - xhat sum dz xhat / n)
// f(z) is never stored: the gradients recompute it from x.
#pragma once

#include <strata/cpu/lanes/call.hpp>
#include <strata/cpu/lanes/functor.hpp>

namespace strata::cpu::lanes {

/// The pool after the functor; known sizes are written out.
enum class Pooling : unsigned char { none, two_by_two, any };

constexpr Pooling pooling_of(const Node& node) {
  if (!node.epilogue.pools) return Pooling::none;
  return node.epilogue.pool.rows.kernel == 2 && node.epilogue.pool.columns.kernel == 2 ? Pooling::two_by_two
                                                                                       : Pooling::any;
}

template <Pooling P>
struct Window2D {
  int height = P == Pooling::two_by_two ? 2 : 1, columns = height;
  explicit Window2D(const Node& node) {
    if constexpr (P == Pooling::any)
      height = node.epilogue.pool.rows.kernel, columns = node.epilogue.pool.columns.kernel;
  }
  /// body(index, floats from the window's first element), row by row
  template <class Body>
  [[gnu::always_inline]] void each(long row, Body&& body) const {
    if constexpr (P == Pooling::any) {
      for (int a = 0, k = 0; a < height; a++)
        for (int b = 0; b < columns; b++, k++) body(k, a * row + b * long(width));
    } else if constexpr (P == Pooling::two_by_two) {
      core::simd::unroll<4>([&](auto k) STRATA_INLINE_LAMBDA { body(int(k), k / 2 * row + k % 2 * long(width)); });
    } else {
      body(0, 0L);
    }
  }
};

/// z = factor x + offset for one channel.
struct Affine {
  Vector factor, offset;
  float mean, inv_std, scale;
  Affine(const Call& call, const float* statistics, int c) {
    const Node& node = *call.node;
    const int channels = node.mid.channels;
    scale = node.weights >= 0 ? call.parameter(node.weights)[c] : 1;
    const float shift = node.bias >= 0 ? call.parameter(node.bias)[c] : 0;
    mean = statistics[c], inv_std = statistics[channels + c];
    factor = Vector(scale * inv_std);
    offset = Vector(shift - mean * scale * inv_std);
  }
  [[gnu::always_inline]] Vector operator()(Vector x) const { return core::simd::fma(factor, x, offset); }
};

/// Walks the windows of one channel: body(floats from the plane's first element, offset in the pooled plane).
template <Pooling P, class Body>
[[gnu::always_inline]] inline void each_window(const Window2D<P>& window, Shape x, Body&& body) {
  const long row = long(x.width) * width;
  if constexpr (P == Pooling::none) {
    for (long at = 0, end = x.height * row; at != end; at += width) body(at, at);
  } else {
    long to = 0;
    for (int r = 0; r + window.height <= x.height; r += window.height)
      for (int i = 0; i + window.columns <= x.width; i += window.columns, to += width)
        body(r * row + long(i) * width, to);
  }
}

/// The first maximum of f(z) in a window, and its x.
template <class F, Pooling P>
[[gnu::always_inline]] inline void find_maximum(const Window2D<P>& window, const Affine& affine, const float* x,
                                                long row, Vector& best, Vector& best_x) {
  if constexpr (P == Pooling::any) best = best_x = Vector(0.f);
  window.each(row, [&](auto k, long at) STRATA_INLINE_LAMBDA {
    const Vector value_x = core::simd::load(x + at), value = F::f(affine(value_x));
    if (k == 0) {
      best = value, best_x = value_x;
    } else {
      best_x = core::simd::where_less(best, value, value_x, best_x);
      best = maximum(best, value);
    }
  });
}

template <class F, Pooling P>
void normalize(const Call& call) {
  const Node& node = *call.node;
  const Shape shape = node.mid;
  const Window2D<P> window(node);
  const long row = long(shape.width) * width;
  const float* x = call.inputs[Input::x];
  float* y = call.y;
  for (int c = 0; c < shape.channels; c++) {
    const Affine affine(call, call.inputs[Input::statistics], c);
    each_window(window, shape, [&](long at, long to) STRATA_INLINE_LAMBDA {
      Vector best(0.f);
      window.each(row, [&](auto k, long element) STRATA_INLINE_LAMBDA {
        const Vector value = F::f(affine(core::simd::load(x + at + element)));
        best = k == 0 ? value : maximum(best, value);
      });
      core::simd::store(y + to, best);
    });
    x += shape.height * row;
    y += long(node.out.pixels()) * width;
  }
}

/// partial: [sum dz][sum dz xhat]
template <class F, Pooling P>
void normalize_reductions(const Call& call) {
  const Node& node = *call.node;
  const Shape shape = node.mid;
  const Window2D<P> window(node);
  const long row = long(shape.width) * width;
  const float *dy = call.inputs[Input::dy], *x = call.inputs[Input::x];
  for (int c = 0; c < shape.channels; c++) {
    const Affine affine(call, call.inputs[Input::statistics], c);
    const Vector mean(affine.mean);
    Vector sum(0.f), product(0.f);
    each_window(window, shape, [&](long at, long from) STRATA_INLINE_LAMBDA {
      Vector best, best_x;
      find_maximum<F>(window, affine, x + at, row, best, best_x);
      const Vector dz = core::simd::load(dy + from) * slope<F>(affine(best_x), best);
      sum = sum + dz;
      product = core::simd::fma(dz, best_x - mean, product);
    });
    call.partial[c] += core::simd::sum(sum);
    call.partial[shape.channels + c] += core::simd::sum(product) * affine.inv_std;
    x += shape.height * row;
    dy += long(node.in.pixels()) * width;
  }
}

/// dx = gain (dz + (constant + factor x)), zero in padding lanes. numbers: elements per channel in the batch. The sum
/// is computed first: where a batch holds one element per channel it is exactly zero, while inv_std is large.
struct BatchGradient {
  Vector gain, constant, factor;
  BatchGradient(const Affine& affine, float sum_dz, float sum_dz_xhat, double numbers, Vector present) {
    const double f = -sum_dz_xhat / numbers * affine.inv_std;
    gain = Vector(affine.scale * affine.inv_std) * present;
    factor = Vector(float(f));
    constant = Vector(float(-sum_dz / numbers - f * affine.mean));
  }
  [[gnu::always_inline]] Vector rest(Vector x) const { return core::simd::fma(factor, x, constant); }
};

/// How far ahead x is prefetched; it comes from memory if it was stored for the batch. Two pages, because hardware
/// prefetching stops at a page boundary.
inline constexpr long prefetch_floats = 2048;

template <class F, Pooling P>
void normalize_input_gradient(const Call& call) {
  const Node& node = *call.node;
  const Shape shape = node.mid;
  const Window2D<P> window(node);
  const long row = long(shape.width) * width;
  const float *dy = call.inputs[Input::dy], *x = call.inputs[Input::x], *sums = call.inputs[Input::reductions];
  float* dx = call.y;
  const Vector present = mask(call.images);
  const double numbers = double(call.step->images.count) * shape.pixels();
  for (int c = 0; c < shape.channels; c++) {
    const Affine affine(call, call.inputs[Input::statistics], c);
    const BatchGradient batch(affine, sums[c], sums[shape.channels + c], numbers, present);
    if constexpr (P != Pooling::none) {  // rows and columns past the last window
      const int rows = shape.height / window.height * window.height,
                columns = shape.width / window.columns * window.columns;
      for (int r = 0; r < shape.height; r++)
        for (int i = r < rows ? columns : 0; i < shape.width; i++) {
          const long at = r * row + long(i) * width;
          core::simd::store(dx + at, batch.gain * batch.rest(core::simd::load(x + at)));
        }
    }
    each_window(window, shape, [&](long at, long from) STRATA_INLINE_LAMBDA {
      Vector best, best_x;
      find_maximum<F>(window, affine, x + at, row, best, best_x);
      // dz is what remains to be given to a maximum: the first element whose x is that of the maximum takes all of it
      // (a recomputed f may be rounded differently)
      Vector dz = core::simd::load(dy + from) * slope<F>(affine(best_x), best);
      window.each(row, [&](auto, long element) STRATA_INLINE_LAMBDA {
        __builtin_prefetch(x + at + element + prefetch_floats);
        const Vector here = core::simd::load(x + at + element);
        Vector taken = dz;
        if constexpr (P != Pooling::none) {
          taken = core::simd::where_equal(here, best_x, dz, Vector(0.f));
          dz = dz - taken;
        }
        core::simd::store(dx + at + element, batch.gain * (batch.rest(here) + taken));
      });
    });
    x += shape.height * row;
    dx += shape.height * row;
    dy += long(node.in.pixels()) * width;
  }
}

}  // namespace strata::cpu::lanes
