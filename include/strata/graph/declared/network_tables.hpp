// SPDX-License-Identifier: MIT
// The result of lowering: the forward graph, and the tables that describe it to users and to files.
#pragma once

#include <strata/core/at_least_one.hpp>
#include <strata/core/text/text.hpp>
#include <strata/graph/declared/graph.hpp>

namespace strata::graph {

/// What a tensor is in its layer.
enum class Role : unsigned char {
  weight,  ///< of a convolution or dense layer
  bias,
  scale,
  shift,  ///< of a norm; named "weight" and "bias" as in PyTorch
  running_mean,
  running_var,  ///< buffers of a batch norm
  input_scale,
  input_shift,  ///< buffers of the network's input, named "input.scale", "input.shift"
  slope         ///< of a PReLU; named "weight"
};

/// One tensor of the parameters or buffers, in PyTorch's shape and order.
struct Tensor {
  Role role = Role::weight;
  int layer = -1;  ///< index in the table of layers; its path is the first part of the tensor's name
  int rank = 0, dims[4] = {1, 1, 1, 1};
  int offset = 0, size = 0;  ///< floats, from the start of the parameters or of the buffers
  int fan_in = 1, fan_out = 1;
  double rate_factor = 1;  ///< multiplies the learning rate; 0: frozen
  double l2_factor = 1;    ///< multiplies L2 and weight decay; 0 for biases by default
  constexpr bool operator==(const Tensor&) const = default;
};

/// One layer of the declaration, in the order of lowering. Strings are null-terminated and truncated to fit.
struct Layer {
  char path[64] = {};     ///< "3", "7.body.0", or the names given by Named: "encoder.conv1"
  char spelled[96] = {};  ///< the layer as its expanded type spells itself: "Conv<3, 16, Stride<2>>"
  char kind[24] = {};     ///< "Conv", "BatchNorm", ...
  Shape out{};
};

/// A source or a head.
struct Port {
  char name[64] = {};             ///< null-terminated; empty: the network has no other, and did not name it
  int value = -1;                 ///< the image, or the output
  bool only_in_training = false;  ///< a head that inference does not compute; these come last
};

/// A lowered network. Node i of `graph` came from layers[graph.nodes[i].layer].
template <int Nodes, int Tensors, int Layers>
struct Lowered {
  Graph<Nodes> graph{};  ///< forward, as declared: nothing folded or fused
  Layer layers[core::at_least_one(Layers)]{};
  int layer_count = 0;
  Tensor parameters[core::at_least_one(Tensors)]{};
  int parameter_count = 0;   ///< tensors
  int parameter_floats = 0;  ///< their numbers in total: `parameters<Net>`
  Tensor buffers[std::size_t(Tensors + 2)]{};
  int buffer_count = 0, buffer_floats = 0;
  Port sources[max_ports]{}, heads[max_ports]{};
  int source_count = 0, head_count = 0;
  int inference_heads = 0;  ///< those before the first that is only in training
};

/// The last part of a tensor's name.
constexpr const char* leaf_name(Role role) {
  switch (role) {
    case Role::weight:
    case Role::scale:
    case Role::slope: return "weight";
    case Role::bias:
    case Role::shift: return "bias";
    case Role::running_mean: return "running_mean";
    case Role::running_var: return "running_var";
    case Role::input_scale: return "scale";
    case Role::input_shift: return "shift";
  }
  return "";
}

/// The name of a tensor as in torch's state_dict: "0.weight", "7.body.0.bias", "1.running_mean". layers: those of the
/// network.
constexpr core::Text tensor_name(const Layer* layers, const Tensor& tensor) {
  return core::Text(layers[tensor.layer].path) << '.' << leaf_name(tensor.role);
}

}  // namespace strata::graph
