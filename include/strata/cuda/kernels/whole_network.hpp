// SPDX-License-Identifier: MIT
// Inference of a small network as one kernel: one thread block per image, with its values in shared memory where the
// plan places them; one phase per node, and a last phase that writes the result. A launch costs more than such a
// network's arithmetic, so one launch beats a series of cuDNN's. Weights are the folded ones of inference,
// [o][taps][i], fp32.
#pragma once

#include <strata/cuda/planning/weights.hpp>
#include <strata/cuda/runtime/device_code.hpp>
#include <strata/cuda/runtime/launch.hpp>
#include <strata/graph/plans.hpp>

namespace strata::cuda {

using namespace functions;

template <class List, int Ordinal>
struct FunctorAt;
template <class First, class... Rest, int Ordinal>
struct FunctorAt<spec::type_list<First, Rest...>, Ordinal> : FunctorAt<spec::type_list<Rest...>, Ordinal - 1> {};
template <class First, class... Rest>
struct FunctorAt<spec::type_list<First, Rest...>, 0> {
  using type = First;
};

template <class Net, graph::PlanOptions Options>
struct WholeNetwork {
  static constexpr auto& plan =
      graph::inference_plan<Net, layout, Options>;  // host only; device code uses the copies below
  template <int I>
  static constexpr Node node_of = plan.nodes[I];
  template <int I>
  static constexpr long offset_of = plan.places[I].offset;
  template <int I>
  static constexpr FoldedPlace place_of = folded_place(view(plan), Element::fp32, I);
  static constexpr int result = plan.result;
  static constexpr int nodes = plan.count, phases = nodes + 1, threads = 256;
  static constexpr int shared_floats = int(plan.frame);
  static constexpr long most_shared_floats = 12 * 1024;  ///< 48 KB: a block's limit on every device without opt-in

  static constexpr bool serves(const Node& node) {
    if (node.op == Op::softmax) return node.factor == 1 && node.mid == node.in;
    return node.op == Op::input || node.op == Op::convolution || node.op == Op::dense || node.op == Op::pointwise ||
           node.op == Op::max_pool;
  }
  /// Whether the network is small enough for this kernel, and the kernel supports all its nodes.
  static constexpr bool possible = [] {
    if (plan.frame > most_shared_floats || plan.others.count > 0 || graph::source_count(plan) > 1) return false;
    long macs = 0;
    for (int i = 0; i < plan.count; i++) {
      if (!serves(plan.nodes[i])) return false;
      macs += graph::node_macs(plan.nodes[i]);
    }
    return macs < 16'000'000;
  }();

  WholeArguments arguments;

  template <int I>
  STRATA_DEVICE void phase(long image, int thread, int count, float* frame) const {
    if constexpr (I < nodes) compute<I>(image, thread, count, frame);
    else {
      constexpr int size = int(node_of<result>.out.size());
      for (int e = thread; e < size; e += count) arguments.result[image * size + e] = frame[offset_of<result> + e];
    }
  }

 private:
  template <int I>
  STRATA_DEVICE void compute(long image, int thread, int count, float* frame) const {
    constexpr Node node = node_of<I>;
    float* const y = frame + offset_of<I>;
    const float* const x = frame + offset_of<(node.inputs.count > 0 ? node.inputs.first() : I)>;
    if constexpr (node.op == Op::input) read_input<I>(image, thread, count, y);
    else if constexpr (node.op == Op::convolution || node.op == Op::dense) linear<I>(thread, count, frame, x, y);
    else if constexpr (node.op == Op::max_pool) {
      for (int e = thread; e < int(node.out.size()); e += count) y[e] = pooled<I>(x, e);
    } else if constexpr (node.op == Op::pointwise) {
      for (int e = thread; e < int(node.out.size()); e += count) y[e] = apply<node.epilogue.functor>(x[e]);
    } else if constexpr (node.op == Op::softmax) {
      for (int p = thread; p < node.out.pixels(); p += count)
        softmax(x + p * node.in.channels, node.in.channels, y + p * node.in.channels);
    }
  }

  template <int Ordinal>
  STRATA_DEVICE static float apply(float x) {
    if constexpr (Ordinal == graph::no_functor) return x;
    else return FunctorAt<graph::functors<Net>, Ordinal>::type::f(x);
  }

  template <int I>
  STRATA_DEVICE void read_input(long image, int thread, int count, float* y) const {
    constexpr Node node = node_of<I>;
    constexpr int channels = node.out.channels, size = int(node.out.size());
    const float* const scale = arguments.buffers + node.buffers;
    for (int e = thread; e < size; e += count) {
      const long at = image * size + e;
      const float raw = arguments.images_are_bytes ? float(static_cast<const unsigned char*>(arguments.images)[at])
                                                   : static_cast<const float*>(arguments.images)[at];
      y[e] = scale[e % channels] * raw + scale[channels + e % channels];
    }
  }

  /// Elements thread, thread + count, ... of the node's value. Neighboring threads compute neighboring channels of one
  /// pixel, so they read the same x.
  template <int I>
  STRATA_DEVICE void linear(int thread, int count, const float* frame, const float* x, float* y) const {
    constexpr Node node = node_of<I>;
    constexpr FoldedPlace place = place_of<I>;
    constexpr LinearShapes s = linear_shapes(node);
    constexpr core::Window pool = node.epilogue.pools ? node.epilogue.pool : core::Window{};
    constexpr int channels = s.y.channels;
    const float* const weights = reinterpret_cast<const float*>(arguments.folded + place.weights);
    for (int e = thread; e < int(node.out.size()); e += count) {
      const int o = e % channels, column = e / channels % node.out.width, row = e / channels / node.out.width;
      float best = 0;
      for (int a = 0; a < pool.rows.kernel; a++)
        for (int b = 0; b < pool.columns.kernel; b++) {
          const int r = pool.rows.source(row, a), c = pool.columns.source(column, b);
          float sum = product<I>(x, weights + o * (s.window.taps() * s.weight_inner), r, c);
          if constexpr (place.bias >= 0) sum += reinterpret_cast<const float*>(arguments.folded + place.bias)[o];
          if constexpr (node.inputs.has(graph::Input::residual))
            sum += (frame + offset_of<node.inputs[graph::Input::residual]>)[(r * node.mid.width + c) * channels + o];
          const float v = apply<node.epilogue.functor>(sum);
          best = (a == 0 && b == 0) || v > best ? v : best;
        }
      y[e] = best;
    }
  }

  /// The sum over the window of output pixel (r, c); weights: those of one output channel.
  template <int I>
  STRATA_DEVICE static float product(const float* x, const float* weights, int r, int c) {
    constexpr LinearShapes s = linear_shapes(node_of<I>);
    constexpr core::Window w = s.window;
    float sum = 0;
    for (int a = 0; a < w.rows.kernel; a++) {
      const int y = w.rows.source(r, a);
      if (y < 0 || y >= s.x.height) continue;
      for (int b = 0; b < w.columns.kernel; b++) {
        const int at = w.columns.source(c, b);
        if (at < 0 || at >= s.x.width) continue;
        const float* const pixel = x + (y * s.x.width + at) * s.x.channels;
        const float* const tap = weights + (a * w.columns.kernel + b) * s.x.channels;
        for (int i = 0; i < s.x.channels; i++) sum += pixel[i] * tap[i];
      }
    }
    return sum;
  }

  template <int I>
  STRATA_DEVICE static float pooled(const float* x, int e) {
    constexpr Node node = node_of<I>;
    constexpr core::Window w = node.window;
    const int channels = node.out.channels, o = e % channels, c = e / channels % node.out.width,
              r = e / channels / node.out.width;
    float best = 0;
    bool any = false;
    for (int a = 0; a < w.rows.kernel; a++)
      for (int b = 0; b < w.columns.kernel; b++) {
        const int y = w.rows.source(r, a), at = w.columns.source(c, b);
        if (y < 0 || y >= node.in.height || at < 0 || at >= node.in.width) continue;
        const float v = x[(y * node.in.width + at) * channels + o];
        if (!any || v > best) best = v;
        any = true;
      }
    return best;
  }

  STRATA_DEVICE static void softmax(const float* x, int channels, float* y) {
    float most = x[0], total = 0;
    for (int c = 1; c < channels; c++) most = x[c] > most ? x[c] : most;
    for (int c = 0; c < channels; c++) total += y[c] = exponential(x[c] - most);
    for (int c = 0; c < channels; c++) y[c] /= total;
  }
};

/// Launches the network's kernel; null: the network is too large or has a node that the kernel does not support.
template <class Net, graph::PlanOptions Options>
WholeLaunch whole_launch() {
  using Kernel = WholeNetwork<Net, Options>;
  if constexpr (Kernel::possible)
    return [](Stream stream, int batch, const WholeArguments& arguments) {
      for_each_block(stream, "the whole network", batch, Kernel{arguments});
    };
  else return nullptr;
}

}  // namespace strata::cuda
