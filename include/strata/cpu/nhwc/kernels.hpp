// SPDX-License-Identifier: MIT
// The table of contents: which function runs a node, what memory it needs and how its weights are packed.
#pragma once

#include <strata/cpu/nhwc/elementwise.hpp>
#include <strata/cpu/nhwc/loss.hpp>
#include <strata/cpu/nhwc/pools.hpp>
#include <strata/cpu/nhwc/resize_taps.hpp>
#include <strata/cpu/nhwc/softmax.hpp>
#include <strata/cpu/nhwc/winograd.hpp>
#include <strata/cpu/nhwc/winograd_weight_gradient.hpp>

namespace strata::cpu::nhwc {

constexpr bool is_sliding(Op op) {
  return op == Op::convolution || op == Op::convolution_input_gradient || op == Op::transposed_convolution ||
         op == Op::transposed_convolution_input_gradient;
}
constexpr bool is_depthwise(Op op) { return op == Op::depthwise_convolution || op == Op::depthwise_convolution_input_gradient; }

/// Floats of the node's packed weights.
constexpr long packed_floats(const Node& node) {
  if (uses_winograd(node)) return whole_lines(winograd_of(node).packed_floats());
  if (is_sliding(node.op)) return whole_lines(sliding_of(node).packed_floats());
  if (is_depthwise(node.op))
    return whole_lines((node.window.taps() + 1L) * (node.op == Op::depthwise_convolution ? node.mid.channels : node.in.channels));
  if (node.op == Op::dense) return dense_packed_floats(node.in.size(), int(node.out.size()));
  if (node.op == Op::dense_input_gradient) return dense_packed_floats(node.out.size(), int(node.in.size()));
  if (node.op == Op::batch_norm) return 2 * whole_lines(node.in.channels);
  return 0;
}

/// Floats that all threads share while the node runs.
constexpr long partial_floats(const Node& node) {
  if (uses_winograd_weight_gradient(node))
    return winograd_weight_gradient_of(node).partial_floats() + prologue_floats(node, node.in.channels);
  switch (node.op) {
    case Op::convolution_weight_gradient:
    case Op::transposed_convolution_weight_gradient: return weight_gradient_partial(node);
    case Op::batch_statistics: return partial_sums_floats(node.in.channels);
    case Op::normalize_reductions: return partial_sums_floats(node.mid.channels);
    case Op::loss: return loss_partial_floats();
    default: return 0;
  }
}

/// Floats that each thread needs while the node runs.
constexpr long workspace_floats(const Node& node) {
  if (uses_winograd(node)) return winograd_of(node).workspace_floats() + prologue_floats(node, node.in.channels);
  if (is_sliding(node.op)) return convolution_workspace(node);
  if (uses_winograd_weight_gradient(node)) return 0;
  switch (node.op) {
    case Op::convolution_weight_gradient:
    case Op::transposed_convolution_weight_gradient: return weight_gradient_workspace(node);
    case Op::batch_statistics: return 2 * whole_lines(node.in.channels);
    case Op::normalize:
    case Op::normalize_reductions:
    case Op::normalize_input_gradient: return normalize_workspace(node);
    case Op::dense_weight_gradient: return whole_lines(node.in.size());
    case Op::loss: return loss_workspace(node);
    case Op::softmax: return softmax_workspace(node);
    case Op::resize: return whole_lines(long(node.in.width) * node.in.channels);
    case Op::resize_taps:
    case Op::resize_taps_gradient: return resize_taps_workspace(node);
    default: return 0;
  }
}

/// Scale and bias of a folded batch norm; `folded` has room for two floats per output channel. Maps of taps get the
/// scale of their channel and no bias: it is added elsewhere to their sum.
inline void fold_batch_norm(const Node& node, const float* parameters, const float* buffers, float* folded) {
  const int outputs = node.mid.channels, channels = outputs / std::max(1, node.weight_taps);
  const float *mean = buffers + node.norm_buffers, *variance = mean + channels;
  if (node.weight_taps > 0) {
    for (int o = 0; o < outputs; o++)
      folded[o] = parameters[node.norm_scale + o % channels] / std::sqrt(variance[o % channels] + float(node.epsilon));
    std::fill_n(folded + outputs, outputs, 0.f);
    return;
  }
  for (int c = 0; c < channels; c++) {
    const float scale = parameters[node.norm_scale + c] / std::sqrt(variance[c] + float(node.epsilon));
    folded[c] = scale;
    folded[channels + c] = parameters[node.norm_shift + c] + scale * ((node.bias >= 0 ? parameters[node.bias + c] : 0.f) - mean[c]);
  }
}
constexpr long folded_floats(const Node& node) { return node.folds ? whole_lines(2L * node.mid.channels) : 0; }

/// A node's weights with its folded batch norm, if any: w[o] scale[o] and bias[o]. scale and bias may be null.
struct Weights {
  const float *weights, *scale = nullptr, *bias = nullptr;

  Weights(const Node& node, const float* parameters, const float* buffers, float* folded) : weights(parameters + node.weights) {
    if (node.bias >= 0) bias = parameters + node.bias;
    if (!node.folds) return;
    fold_batch_norm(node, parameters, buffers, folded);
    scale = folded, bias = folded + node.mid.channels;
  }
};

/// Packs the node's weights; the threads divide the blocks.
inline void pack(const Node& node, const float* parameters, const float* buffers, float* folded, float* packed, Team& team) {
  if (node.op == Op::batch_norm) {
    team.once([&] {
      const int channels = node.in.channels;
      const float *mean = buffers + node.buffers, *variance = mean + channels;
      for (int c = 0; c < channels; c++) {
        packed[c] = parameters[node.weights + c] / std::sqrt(variance[c] + float(node.epsilon));
        packed[whole_lines(channels) + c] = parameters[node.bias + c] - mean[c] * packed[c];
      }
    });
    return;
  }
  if (packed_floats(node) == 0) return;
  const float* weights = parameters + node.weights;
  const float *scale = nullptr, *bias = node.bias >= 0 ? parameters + node.bias : nullptr;
  if (node.folds) {
    team.once([&] { fold_batch_norm(node, parameters, buffers, folded); });
    scale = folded, bias = folded + node.mid.channels;
  }
  if (uses_winograd(node)) {
    pack_winograd(winograd_of(node), is_mirrored(node.op), weights, graph::weight_view(node), scale,
                  node.op == Op::convolution ? bias : nullptr, packed, team);
  } else if (is_sliding(node.op)) {
    const Sliding s = sliding_of(node);
    const bool gradient = node.op == Op::convolution_input_gradient || node.op == Op::transposed_convolution_input_gradient;
    team.for_each(s.blocks(), [&](int b, int) {
      pack_block(s, is_mirrored(node.op), weights, graph::weight_view(node), scale, gradient ? nullptr : bias, b, packed);
    });
  } else if (is_depthwise(node.op)) {
    team.once([&] { pack_depthwise(node, weights, scale, bias, packed); });
  } else {
    const bool gradient = node.op == Op::dense_input_gradient;
    const Shape in = gradient ? node.out : node.in;
    const int outputs = int(gradient ? node.in.size() : node.out.size());
    team.for_each(outputs, [&](int o, int) { pack_dense_row(in, weights, scale, gradient ? nullptr : bias, o, outputs, packed); });
  }
}

/// Runs a node of an inference plan. shapes: of the node's inputs.
inline void run_inference(const Call& call, Team& team, const Shape* shapes) {
  switch (call.node->op) {
    case Op::input: return input(call, team);
    case Op::convolution: return uses_winograd(*call.node) ? winograd_convolution(call, team) : convolution(call, team);
    case Op::transposed_convolution: return convolution(call, team);
    case Op::depthwise_convolution: return depthwise_convolution(call, team);
    case Op::dense: return dense(call, team);
    case Op::batch_norm: return batch_norm(call, team);
    case Op::pointwise: return pointwise(call, team);
    case Op::max_pool: return max_pool(call, team);
    case Op::average_pool: return average_pool(call, team);
    case Op::global_average_pool: return global_average_pool(call, team);
    case Op::broadcast: return broadcast(call, team);
    case Op::softmax: return softmax(call, team);
    case Op::sum: return sum(call, team);
    case Op::concat: return concat(call, team, shapes);
    case Op::resize: return resize(call, team);
    case Op::resize_taps: return resize_taps(call, team);
    case Op::crop: return crop(call, team);
    case Op::flatten: return flatten(call, team);
    default: return;  // training only
  }
}

/// Runs any node.
inline void run_training(const Call& call, Team& team, const Shape* shapes) {
  switch (call.node->op) {
    case Op::convolution_input_gradient: return uses_winograd(*call.node) ? winograd_convolution(call, team) : convolution(call, team);
    case Op::transposed_convolution_input_gradient: return convolution(call, team);
    case Op::dropout:
    case Op::dropout_gradient: return dropout(call, team);
    case Op::batch_statistics: return batch_statistics(call, team);
    case Op::normalize: return normalize(call, team);
    case Op::loss: return loss(call, team);
    case Op::convolution_weight_gradient:
      return uses_winograd_weight_gradient(*call.node) ? winograd_weight_gradient(call, team) : convolution_weight_gradient(call, team);
    case Op::transposed_convolution_weight_gradient: return convolution_weight_gradient(call, team);
    case Op::depthwise_convolution_input_gradient: return depthwise_convolution_input_gradient(call, team);
    case Op::depthwise_convolution_weight_gradient: return depthwise_convolution_weight_gradient(call, team);
    case Op::dense_input_gradient: return dense_input_gradient(call, team);
    case Op::dense_weight_gradient: return dense_weight_gradient(call, team);
    case Op::normalize_reductions: return normalize_reductions(call, team);
    case Op::normalize_input_gradient: return normalize_input_gradient(call, team);
    case Op::pointwise_gradient: return pointwise_gradient(call, team);
    case Op::max_pool_gradient: return max_pool_gradient(call, team);
    case Op::average_pool_gradient: return average_pool_gradient(call, team);
    case Op::global_average_pool_gradient: return global_average_pool_gradient(call, team);
    case Op::broadcast_gradient: return broadcast_gradient(call, team);
    case Op::softmax_gradient: return softmax_gradient(call, team);
    case Op::concat_gradient: return concat_gradient(call, team);
    case Op::resize_gradient: return resize_gradient(call, team);
    case Op::resize_taps_gradient: return resize_taps_gradient(call, team);
    case Op::crop_gradient: return crop_gradient(call, team);
    case Op::flatten_gradient: return flatten_gradient(call, team);
    default: return run_inference(call, team, shapes);
  }
}

}  // namespace strata::cpu::nhwc
