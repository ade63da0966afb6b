// SPDX-License-Identifier: MIT
// Batch norm: y = pool(f(z)), z = scale (x - mean) inv_std + shift, and its gradients. dz = unpool(dy) f'(z) is
// recomputed from x wherever it is needed, so the plan stores only x. If no pool follows and f is ReLU or the identity,
// the usual case, dz is computed on the fly; otherwise it is stored in the workspace of the node.
#pragma once

#include <strata/core/divide.hpp>
#include <strata/cuda/kernels/epilogue.hpp>
#include <strata/cuda/kernels/statistics.hpp>

namespace strata::cuda::kernels {

using namespace functions;

/// batch_norm in inference, where it could not be folded.
inline void batch_norm(const Call& call) {
  const Node& node = *call.node;
  epilogue(call, "batch_norm",
           by_running(call.parameter(node.weights), call.parameter(node.bias), call.buffers + node.buffers,
                      node.in.channels, node.epsilon),
           call.inputs[Input::x]);
}

/// The map from x to z of a normalize or of its gradients.
inline ChannelNumbers normalization(const Call& call) {
  const Node& node = *call.node;
  return by_statistics(call.parameter(node.weights), call.parameter(node.bias), call.inputs[Input::statistics],
                       node.mid.channels);
}

inline void normalize(const Call& call) { epilogue(call, "normalize", normalization(call), call.inputs[Input::x]); }

/// Whether dz is stored before it is used.
inline bool stores_dz(const Node& node) { return node.epilogue.pools || has_custom_functor(node); }

/// The workspace for dz: dz; for a functor other than ReLU z and, if a pool follows, f(z); the winners of the pool.
struct DzWorkspace {
  void *dz, *z = nullptr, *activated = nullptr, *winners = nullptr;
  DzWorkspace(WorkspaceAllocator& allocator, const Node& node, Element e, int batch)
      : dz(allocator.take_map(node.mid, e, batch)) {
    if (has_custom_functor(node)) z = allocator.take_map(node.mid, e, batch);
    if (has_custom_functor(node) && node.epilogue.pools) activated = allocator.take_map(node.mid, e, batch);
    if (node.epilogue.pools) winners = take_winners(allocator, node.epilogue.pool, node.in, batch);
  }
};

inline void make_dz(const Call& call, const DzWorkspace& workspace) {
  const Node& node = *call.node;
  const ChannelNumbers numbers = normalization(call);
  const long count = call.batch * node.mid.size();
  const void *dy = call.inputs[Input::dy], *x = call.inputs[Input::x];
  if (!has_custom_functor(node))
    return max_pool_gradient(call, numbers, node.epilogue.pool, node.mid, node.in, dy, x, is_relu(node),
                             workspace.winners, workspace.dz);
  const DeviceFunctor& f = custom_functor(call);
  affine(call, "normalize", numbers, node.mid, x, nullptr, false, workspace.z);
  void* activated = workspace.z;
  if (f.reads_input && node.epilogue.pools) copy(call, workspace.z, activated = workspace.activated, count);
  if (!f.reads_input || node.epilogue.pools) f.apply(call, activated, count);
  if (node.epilogue.pools)
    max_pool_gradient(call, {}, node.epilogue.pool, node.mid, node.in, dy, activated, false, workspace.winners,
                      workspace.dz);
  else copy(call, dy, workspace.dz, count);
  f.scale(call, workspace.dz, workspace.z, count);
}

/// sum dz and sum dz (x - mean) of a part; dz = dy, with ReLU only where z > 0, else 0.
template <class T, int N>
struct PartReductions {
  PartGrid<N> grid;
  ChannelNumbers numbers;
  const T *dy, *x;
  bool relu;

  STRATA_DEVICE void operator()(long i) const {
    const ChannelMap<N> map(numbers, grid.channel(i));
    float sum[std::size_t(N)] = {}, product[std::size_t(N)] = {};
    grid.for_each_pixel(i, [&](long at) {
      float dz[std::size_t(N)], value[std::size_t(N)];
      load<N>(dy + at, dz);
      load<N>(x + at, value);
      for (int e = 0; e < N; e++) {
        if (relu) dz[e] = where_positive(map(e, value[e]), dz[e], 0.f);
        sum[e] += dz[e], product[e] += dz[e] * (value[e] - map.origin[e]);
      }
    });
    grid.keep(i, sum, product);
  }
};

/// Writes the value [sum dz, sum dz xhat], zero if statistics are kept, and the sums as gradients of shift and scale.
struct KeepReductions {
  const float* inverse_deviation;
  float *value, *scale, *shift;  ///< gradients of scale and shift: null where they are frozen
  int channels;
  bool kept;

  STRATA_DEVICE void operator()(int c, double sum, double product) const {
    product *= double(inverse_deviation[c]);
    value[c] = kept ? 0.f : float(sum), value[channels + c] = kept ? 0.f : float(product);
    if (shift) shift[c] = float(sum);
    if (scale) scale[c] = float(product);
  }
};

/// dz, stored in the workspace; or dy if stores_dz() is false, since the kernels then apply ReLU's mask themselves.
inline const void* dz_of(const Call& call, WorkspaceAllocator& allocator) {
  if (!stores_dz(*call.node)) return call.inputs[Input::dy];
  const DzWorkspace made(allocator, *call.node, call.element, call.batch);
  make_dz(call, made);
  return made.dz;
}

struct ReductionsWorkspace {
  Parts parts;
  PartialSums partial;
  ReductionsWorkspace(WorkspaceAllocator& allocator, const Node& node, int batch)
      : parts(long(batch) * node.mid.pixels(), node.mid.channels), partial(allocator, parts, node.mid.channels) {}
};

inline void normalize_reductions(const Call& call) {
  const Node& node = *call.node;
  const int channels = node.mid.channels;
  WorkspaceAllocator allocator(call.workspace);
  const ReductionsWorkspace own(allocator, node, call.batch);
  const void* const dz = dz_of(call, allocator);
  with_pack(call.element, channels, [&](auto zero, auto n) {
    using T = decltype(zero);
    const PartGrid<n> grid{own.parts, channels, own.partial.parts};
    for_each(call.stream, "normalize_reductions_parts", grid.count(),
             PartReductions<T, n>{grid, normalization(call), static_cast<const T*>(dz),
                                  static_cast<const T*>(call.inputs[Input::x]), is_relu(node) && !node.epilogue.pools});
  });
  merge_parts<SumOfParts>(
      call, "normalize_reductions", own.parts, channels, own.partial,
      KeepReductions{static_cast<const float*>(call.inputs[Input::statistics]) + channels,
                     static_cast<float*>(call.output), node.frozen ? nullptr : call.gradient(node.weights),
                     node.frozen ? nullptr : call.gradient(node.bias), channels, call.keeps_statistics()});
}

/// dx = scale inv_std (dz - sum dz / n - xhat sum dz xhat / n); dx may be dy.
template <class T, int N>
struct NormalizeInputGradient {
  ChannelNumbers numbers;
  const float* sums;
  const T *dy, *x;
  T* dx;
  int channels;
  long pixels, strips;
  bool relu;

  STRATA_DEVICE void operator()(long i) const {
    const int packs = channels / N;
    const long first = divide(i, packs);
    const int c = int(i - first * packs) * N;
    const ChannelMap<N> map(numbers, c);
    float constant[std::size_t(N)], linear[std::size_t(N)];
    for (int e = 0; e < N; e++) {
      constant[e] = sums[c + e] / float(pixels);
      linear[e] = sums[channels + c + e] * numbers.inverse_deviation[c + e] / float(pixels);
    }
    for (long p = first; p < pixels; p += strips) {
      const long at = p * channels + c;
      float dz[std::size_t(N)], value[std::size_t(N)];
      load<N>(dy + at, dz);
      load<N>(x + at, value);
      for (int e = 0; e < N; e++) {
        if (relu) dz[e] = where_positive(map(e, value[e]), dz[e], 0.f);
        dz[e] = map.slope[e] * (dz[e] - constant[e] - (value[e] - map.origin[e]) * linear[e]);
      }
      store<N>(dx + at, dz);
    }
  }
};

inline void normalize_input_gradient(const Call& call) {
  const Node& node = *call.node;
  const int channels = node.mid.channels;
  WorkspaceAllocator allocator(call.workspace);
  const void* const dz = dz_of(call, allocator);
  with_pack(call.element, channels, [&](auto zero, auto n) {
    using T = decltype(zero);
    const long pixels = long(call.batch) * node.mid.pixels(), packs = channels / n, strip = strip_of(pixels * packs);
    const long strips = core::ceil_divide(pixels, strip);
    for_each(call.stream, "normalize_input_gradient", strips * packs,
             NormalizeInputGradient<T, n>{
                 normalization(call), static_cast<const float*>(call.inputs[Input::reductions]),
                 static_cast<const T*>(dz), static_cast<const T*>(call.inputs[Input::x]), static_cast<T*>(call.output),
                 channels, pixels, strips, is_relu(node) && !node.epilogue.pools});
  });
}

}  // namespace strata::cuda::kernels
