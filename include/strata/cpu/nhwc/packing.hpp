// SPDX-License-Identifier: MIT
// How the weights of a node become what its kernel reads: a folded batch norm is multiplied into them, and they are put
// in the kernel's order. The threads divide the work.
#pragma once

#include <strata/cpu/nhwc/dense.hpp>
#include <strata/cpu/nhwc/depthwise_convolution.hpp>
#include <strata/cpu/nhwc/winograd.hpp>
#include <strata/graph/op_traits.hpp>
#include <strata/graph/weight_view.hpp>

#include <algorithm>
#include <cmath>

namespace strata::cpu::nhwc {

/// Floats of a folded batch norm: a scale and a bias per output channel.
constexpr long folded_floats(const Node& node) { return node.folded.present ? whole_lines(2L * node.mid.channels) : 0; }

/// What packing reads: the layer's weights, and what becomes of output channel o: w[o] scale[o] and bias[o]. Null: no
/// scale, no bias. A gradient has neither.
struct Weights {
  const float *weights, *scale = nullptr, *bias = nullptr;

  /// `folded`: what fold_batch_norm wrote, if the node folds.
  Weights(const Node& node, const float* parameters, const float* folded) : weights(parameters + node.weights) {
    if (!graph::is_linear(node.op)) return;
    if (node.bias >= 0) bias = parameters + node.bias;
    if (node.folded.present) scale = folded, bias = folded + node.mid.channels;
  }
};

/// Writes the node's weights to `packed`. folded: room for folded_floats(node).
using Pack = void (*)(const Node&, const float* parameters, const float* buffers, float* folded, float* packed,
                      core::Team&);

/// The node's weights, its batch norm folded by one of the threads.
STRATA_ONCE Weights folded_weights(const Node& node, const float* parameters, const float* buffers, float* folded,
                                   core::Team& team);

STRATA_ONCE void pack_nothing(const Node& node, const float* parameters, const float* buffers, float* folded,
                              float* packed, core::Team& team);
STRATA_ONCE void pack_direct(const Node& node, const float* parameters, const float* buffers, float* folded,
                             float* packed, core::Team& team);
STRATA_ONCE void pack_winograd(const Node& node, const float* parameters, const float* buffers, float* folded,
                               float* packed, core::Team& team);
STRATA_ONCE void pack_depthwise(const Node& node, const float* parameters, const float* buffers, float* folded,
                                float* packed, core::Team& team);
STRATA_ONCE void pack_dense(const Node& node, const float* parameters, const float* buffers, float* folded,
                            float* packed, core::Team& team);
STRATA_ONCE void pack_batch_norm(const Node& node, const float* parameters, const float* buffers, float* folded,
                                 float* packed, core::Team& team);

#if STRATA_HAS_BODIES

/// Writes scale and bias of the node's folded batch norm to `folded`. Maps of taps get the scale of their channel and
/// no bias: it is added elsewhere to their sum.
inline void fold_batch_norm(const Node& node, const float* parameters, const float* buffers, float* folded) {
  const int outputs = node.mid.channels, channels = outputs / std::max(1, node.weight_part.taps);
  const float *mean = buffers + node.folded.buffers, *variance = mean + channels;
  const auto parameter = [&](int offset, int c, float without) {
    return offset < 0 ? without : parameters[offset + c];
  };
  if (node.weight_part.taps > 0) {
    for (int o = 0; o < outputs; o++)
      folded[o] = parameter(node.folded.scale, o % channels, 1) /
                  std::sqrt(variance[o % channels] + float(node.folded.epsilon));
    std::fill_n(folded + outputs, outputs, 0.f);
    return;
  }
  for (int c = 0; c < channels; c++) {
    const float scale = parameter(node.folded.scale, c, 1) / std::sqrt(variance[c] + float(node.folded.epsilon));
    folded[c] = scale;
    folded[channels + c] = parameter(node.folded.shift, c, 0) + scale * (parameter(node.bias, c, 0) - mean[c]);
  }
}

STRATA_ONCE Weights folded_weights(const Node& node, const float* parameters, const float* buffers, float* folded,
                                   core::Team& team) {
  if (node.folded.present) team.once([&] { fold_batch_norm(node, parameters, buffers, folded); });
  return {node, parameters, folded};
}

STRATA_ONCE void pack_nothing(const Node&, const float*, const float*, float*, float*, core::Team&) {}

STRATA_ONCE void pack_direct(const Node& node, const float* parameters, const float* buffers, float* folded,
                             float* packed, core::Team& team) {
  const Weights w = folded_weights(node, parameters, buffers, folded, team);
  const Sliding s = sliding_of(node);
  team.for_each(s.blocks(), [&](int b, int) {
    pack_block(s, is_mirrored(node.op), w.weights, graph::weight_view(node), w.scale, w.bias, b, packed);
  });
}

STRATA_ONCE void pack_winograd(const Node& node, const float* parameters, const float* buffers, float* folded,
                               float* packed, core::Team& team) {
  const Weights w = folded_weights(node, parameters, buffers, folded, team);
  pack_winograd(winograd_of(node), is_mirrored(node.op), w.weights, graph::weight_view(node), w.scale, w.bias, packed,
                team);
}

STRATA_ONCE void pack_depthwise(const Node& node, const float* parameters, const float* buffers, float* folded,
                                float* packed, core::Team& team) {
  const Weights w = folded_weights(node, parameters, buffers, folded, team);
  team.once([&] { pack_depthwise(node, w.weights, w.scale, w.bias, packed); });
}

STRATA_ONCE void pack_dense(const Node& node, const float* parameters, const float* buffers, float* folded,
                            float* packed, core::Team& team) {
  const Weights w = folded_weights(node, parameters, buffers, folded, team);
  const bool gradient = node.op == Op::dense_input_gradient;
  const Shape in = gradient ? node.out : node.in;
  const int outputs = int(gradient ? node.in.size() : node.out.size());
  team.for_each(outputs, [&](int o, int) {
    pack_dense_in_group(in, w.weights, w.scale, w.bias, o, outputs, gradient ? 1 : dense_group(width), packed);
  });
}

/// scale[C], bias[C] of a batch norm that is a node of its own.
STRATA_ONCE void pack_batch_norm(const Node& node, const float* parameters, const float* buffers, float*, float* packed,
                                 core::Team& team) {
  team.once([&] {
    const int channels = node.in.channels;
    const float *mean = buffers + node.buffers, *variance = mean + channels;
    for (int c = 0; c < channels; c++) {
      packed[c] =
          (node.weights < 0 ? 1.f : parameters[node.weights + c]) / std::sqrt(variance[c] + float(node.epsilon));
      packed[whole_lines(channels) + c] = (node.bias < 0 ? 0.f : parameters[node.bias + c]) - mean[c] * packed[c];
    }
  });
}

#endif  // STRATA_HAS_BODIES

}  // namespace strata::cpu::nhwc
