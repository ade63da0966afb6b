// SPDX-License-Identifier: MIT
// A plan, executed in double precision: every node that the passes may emit, fused work and gradients included. With
// Memory::separate each value has its own memory. With Memory::planned all values are where the plan places them, in
// memory filled with NaN, and groups of images go through the phases as in a back end: equal results of both show that
// no value is overwritten while it is alive and none is read before it is written. A value that shares the place of an
// input is computed in that place, so a permission to overwrite (OpTraits::may_overwrite) that is wrong shows as well.
#pragma once

#include <strata/reference/plan_interpreter.hpp>

namespace strata::reference {

/// What each op computes for one image: one entry per Op, in its order.
struct PlanInterpreter::Table {
  using Input = graph::Input;
  struct Entry {
    Op op;
    void (*compute)(const At&);
  };

  static void product(const At& a) {
    linear(a.node.op, a.node.window, a.weights, a.bias(), a.x(), a.z, a.node.groups);
    a.finish();
  }
  static void input_gradient(const At& a) {
    const Node& node = a.node;
    linear_input_gradient(graph::forward_of(node.op), node.window, a.weights, a.dy(), a.y, node.groups);
    if (node.inputs.has(Input::residual)) add(a.input(Input::residual), a.y);
    if (node.inputs.has(Input::mask))
      for (long e = 0; e < a.y.size(); e++) a.y[e] = a.input(Input::mask)[e] > 0 ? a.y[e] : 0;
  }
  static void weight_gradient(const At& a) {
    const Node& node = a.node;
    Doubles own(a.part.size());
    double* const gradients = a.plan.gradient(node.weights);
    linear_weight_gradient(graph::forward_of(node.op), node.window, a.x(), a.dy(),
                           a.part.empty() ? gradients : own.data(), a.plan.gradient(node.bias), node.groups);
    if (!a.part.empty())
      for_each_weight(node, [&](long mine, long layer) { gradients[layer] += own[std::size_t(mine)]; });
  }
  static void batch_norm(const At& a) {
    const int channels = a.x().shape.channels;
    Doubles statistics(std::size_t(2 * channels));
    running_statistics(a.plan.run_.buffers + a.node.buffers, channels, a.node.epsilon, statistics.data());
    normalize(statistics.data(), a.weights, a.bias(), a.x(), a.z);
    a.finish();
  }
  static void sum(const At& a) {
    for (long e = 0; e < a.z.size(); e++) a.z[e] = a.node.inputs.count > 1 ? a.x()[e] + a.in[1][e] : a.x()[e];
    for (int k = 2; k < a.node.inputs.count; k++) add(a.in[k], a.z);
    a.finish();
  }
  static void concat(const At& a) {
    for (int k = 0, first = 0; k < a.node.inputs.count; first += a.in[k++].shape.channels)
      copy(a.in[k], channels_of(a.y, first, a.in[k].shape));
  }
  /// In both directions, as all moves.
  static void dropout(const At& a) { reference::dropout(a.plan.run_.options.seed, a.node, a.n, a.in[0], a.y); }
  static void flatten(const At& a) { copy(a.in[0], a.y); }
  static void slice(const At& a) { copy(channels_of(a.in[0], a.node.offset_channel, a.y.shape), a.y); }
  static void pad(const At& a) {
    reference::pad(a.node.padding, a.node.offset_y, a.node.offset_x, a.node.offset_channel, a.in[0], a.y);
  }
  static void normalize_reductions(const At& a) {
    Doubles dz = a.plan.normalized_gradient(a.node, a.dy(), a.x(), a.statistics());
    add_reductions(a.statistics(), {dz.data(), a.x().shape}, a.x(), a.y.data);
  }
  static void normalize_input_gradient(const At& a) {
    Doubles dz = a.plan.normalized_gradient(a.node, a.dy(), a.x(), a.statistics());
    const double elements = double(a.plan.run_.images.count) * a.x().shape.pixels();
    reference::normalize_input_gradient(a.statistics(), a.input(Input::reductions).data, a.weights, elements,
                                        {dz.data(), a.x().shape}, a.x(), a.y);
  }

  static constexpr Entry entries[] = {
      {Op::input,
       [](const At& a) {
         const double* scale = a.plan.run_.buffers + a.node.buffers;
         read_image(core::source_of(a.plan.run_.images, a.node.port), a.n, scale, scale + a.node.out.channels, a.y);
       }},
      {Op::convolution, product},
      {Op::depthwise_convolution, product},
      {Op::grouped_convolution, product},
      {Op::transposed_convolution, product},
      {Op::dense, product},
      {Op::batch_norm, batch_norm},
      {Op::group_statistics, [](const At& a) { group_statistics(a.node, a.x(), a.y); }},
      {Op::group_norm,
       [](const At& a) {
         group_norm(a.node, a.weights, a.bias(), a.x(), a.group_statistics(), a.z);
         a.finish();
       }},
      {Op::channel_window, [](const At& a) { channel_window(a.node.window.rows, a.in[0], a.y); }},
      {Op::pointwise,
       [](const At& a) {
         for (long e = 0; e < a.x().size(); e++) a.y[e] = a.plan.apply(a.node, a.x()[e]);
       }},
      {Op::prelu, [](const At& a) { prelu(a.node, a.weights, a.x(), a.y); }},
      {Op::max_pool, [](const At& a) { max_pool(a.node.window, a.x(), a.y); }},
      {Op::average_pool, [](const At& a) { average_pool(a.node.window, a.node.uncounted, a.x(), a.y); }},
      {Op::adaptive_max_pool, [](const At& a) { adaptive_max_pool(a.x(), a.y); }},
      {Op::global_average_pool, [](const At& a) { global_average_pool(a.x(), a.y); }},
      {Op::dropout, dropout},
      {Op::softmax,
       [](const At& a) {
         a.plan.resized_scores(a.node, a.x(), a.z);
         softmax(a.z, a.y);
       }},
      {Op::sum, sum},
      {Op::concat, concat},
      {Op::scale, [](const At& a) { scale(a.x(), a.input(Input::factor), a.y); }},
      {Op::maximum, [](const At& a) { maximum(a.x(), a.input(Input::other), a.y); }},
      {Op::resize, [](const At& a) { resize(a.node.mode, a.node.factor, a.x(), a.y); }},
      {Op::resample, [](const At& a) { resample(a.node.mode, a.x(), a.y); }},
      {Op::resize_taps,
       [](const At& a) {
         resize_taps(a.node, a.x(), a.z);
         a.finish();
       }},
      {Op::crop, [](const At& a) { crop(a.node.offset_y, a.node.offset_x, a.in[0], a.y); }},
      {Op::broadcast, [](const At& a) { broadcast(a.x(), a.y); }},
      {Op::flatten, flatten},
      {Op::unflatten, flatten},
      {Op::slice, slice},
      {Op::pad, pad},
      {Op::channel_shuffle, [](const At& a) { channel_shuffle(a.node.groups, a.in[0], a.y); }},
      {Op::pixel_shuffle, [](const At& a) { pixel_shuffle(a.in[0], a.y); }},
      {Op::pixel_unshuffle, [](const At& a) { pixel_unshuffle(a.in[0], a.y); }},
      {Op::batch_statistics, [](const At& a) { a.plan.moments_[std::size_t(a.i)].add(a.x()); }},
      {Op::normalize,
       [](const At& a) {
         normalize(a.statistics(), a.weights, a.bias(), a.x(), a.z);
         a.finish();
       }},
      {Op::loss, [](const At& a) { a.plan.resized_loss(a.node, a.n, a.x(), a.y); }},
      {Op::convolution_input_gradient, input_gradient},
      {Op::convolution_weight_gradient, weight_gradient},
      {Op::depthwise_convolution_input_gradient, input_gradient},
      {Op::depthwise_convolution_weight_gradient, weight_gradient},
      {Op::grouped_convolution_input_gradient, input_gradient},
      {Op::grouped_convolution_weight_gradient, weight_gradient},
      {Op::transposed_convolution_input_gradient, input_gradient},
      {Op::transposed_convolution_weight_gradient, weight_gradient},
      {Op::dense_input_gradient, input_gradient},
      {Op::dense_weight_gradient, weight_gradient},
      {Op::normalize_reductions, normalize_reductions},
      {Op::normalize_input_gradient, normalize_input_gradient},
      {Op::group_norm_reductions,
       [](const At& a) { group_norm_reductions(a.node, a.weights, a.dy(), a.x(), a.group_statistics(), a.y); }},
      {Op::group_norm_input_gradient,
       [](const At& a) {
         group_norm_input_gradient(a.node, a.weights, a.dy(), a.x(), a.group_statistics(), a.input(Input::reductions),
                                   a.y);
       }},
      {Op::group_norm_weight_gradient,
       [](const At& a) {
         group_norm_weight_gradient(a.node, a.dy(), a.x(), a.group_statistics(), a.plan.gradient(a.node.weights),
                                    a.plan.gradient(a.node.bias));
       }},
      {Op::pointwise_gradient,
       [](const At& a) {
         for (long e = 0; e < a.y.size(); e++)
           a.y[e] = a.dy()[e] * a.plan.run_.functors[a.node.epilogue.functor].df(a.input(Input::argument)[e]);
       }},
      {Op::prelu_input_gradient, [](const At& a) { prelu_input_gradient(a.node, a.weights, a.dy(), a.x(), a.y); }},
      {Op::prelu_weight_gradient,
       [](const At& a) { prelu_weight_gradient(a.node, a.dy(), a.x(), a.plan.gradient(a.node.weights)); }},
      {Op::max_pool_gradient, [](const At& a) { max_pool_gradient(a.node.window, a.dy(), a.x(), a.y); }},
      {Op::average_pool_gradient,
       [](const At& a) { average_pool_gradient(a.node.window, a.node.uncounted, a.dy(), a.y); }},
      {Op::adaptive_max_pool_gradient, [](const At& a) { adaptive_max_pool_gradient(a.dy(), a.x(), a.y); }},
      {Op::global_average_pool_gradient, [](const At& a) { global_average_pool_gradient(a.dy(), a.y); }},
      {Op::dropout_gradient, dropout},
      {Op::softmax_gradient, [](const At& a) { softmax_gradient(a.dy(), a.input(Input::y), a.y); }},
      {Op::scale_gradient,
       [](const At& a) {
         for (long e = 0; e < a.y.size(); e++) a.y[e] = 0;
         scale_gradient(a.dy(), a.x(), a.y);
       }},
      {Op::maximum_gradient, [](const At& a) { maximum_gradient(a.dy(), a.x(), a.input(Input::other), a.y); }},
      {Op::resize_gradient, [](const At& a) { resize_gradient(a.node.mode, a.node.factor, a.dy(), a.y); }},
      {Op::resample_gradient, [](const At& a) { resample_gradient(a.node.mode, a.dy(), a.y); }},
      {Op::resize_taps_gradient, [](const At& a) { resize_taps_gradient(a.node, a.dy(), a.y); }},
      {Op::broadcast_gradient, [](const At& a) { broadcast_gradient(a.dy(), a.y); }},
      {Op::pad_gradient,
       [](const At& a) { pad_gradient(a.node.padding, a.node.offset_y, a.node.offset_x, a.dy(), a.y); }},
  };
  static_assert(graph::is_complete(entries),
                "strata: the reference's computations of plans are not one per Op, in its order");
};

/// Computes node i for image n.
inline void PlanInterpreter::compute(int i, int n) {
  const Node& node = plan_.nodes[i];
  At at{*this, i, n, node};
  for (int k = 0; k < node.inputs.count; k++) at.in[k] = value(node.inputs[k], n);
  if (graph::extent(node.op) != graph::Extent::none) at.y = value(i, n);
  Doubles mid;
  at.z = before_epilogue(node, at.in, at.y, mid);
  Doubles changed;  // x after the prologue
  if (node.prologue.kind != graph::Prologue::none) {
    Map& x = at.in[node.inputs.index(graph::Input::x)];
    const Map raw = x;
    if (raw.data != at.y.data) {
      changed.resize(std::size_t(raw.size()));
      x.data = changed.data();
    }
    normalize(at.statistics(), parameter(node.prologue.scale), parameter(node.prologue.shift), raw, x);
    if (node.prologue.kind == graph::Prologue::affine_relu)
      for (long e = 0; e < raw.size(); e++) x[e] = std::fmax(x[e], 0.);
  }
  at.part = part_of_weights(node);
  at.weights = at.part.empty() ? parameter(node.weights) : at.part.data();
  Table::entries[int(node.op)].compute(at);
  if (by_group_ && !run_.result.empty() && graph::extent(node.op) == graph::Extent::image) keep_result(i, n);
}

/// Executes a plan with either kind of memory.
template <int Capacity>
void run_plan(const graph::Plan<Capacity>& plan, graph::Layout layout, Memory memory, Run& run) {
  const PlanView flat = view(plan, layout);
  PlanInterpreter(flat, memory, run).execute();
}

}  // namespace strata::reference
