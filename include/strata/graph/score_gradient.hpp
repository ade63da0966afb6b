// SPDX-License-Identifier: MIT
// How a network's scores depend on the value of one of its layers: its inference, layer by layer as declared, followed
// by the gradient of the scores with respect to that value. Unlike the passes, this runs while the program does, so
// that the layer can be chosen there.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include <strata/graph/lower.hpp>

namespace strata::graph {

/// A declared network whose type is erased.
struct DeclaredNetwork {
  const Node* nodes = nullptr;
  int count = 0, result = -1;
  const Layer* layers = nullptr;
  int layer_count = 0;
};
template <class Net>
inline constexpr DeclaredNetwork declared_network{lowered<Net>.graph.nodes, lowered<Net>.graph.count,
                                                  lowered<Net>.graph.result, lowered<Net>.layers,
                                                  lowered<Net>.layer_count};

/// The scores of the classes of the first head: what the softmax at the end reads, or without one the output.
inline int scores_of(const DeclaredNetwork& net) {
  const Node& last = net.nodes[net.result];
  return last.op == Op::softmax ? last.inputs.first() : net.result;
}

/// The map that the layer of the scores reads, that is the value of the last convolution with its batch norm and
/// activation; global pools, dense layers and the like between the two are passed over. 0, the image, if there is none.
inline int last_map(const DeclaredNetwork& net) {
  const auto is_image = [&](int value) { return net.nodes[value].op == Op::input; };
  int value = scores_of(net);
  while (!is_image(value) && !is_linear(net.nodes[value].op)) value = net.nodes[value].inputs.first();
  if (!is_image(value)) value = net.nodes[value].inputs.first();
  while (!is_image(value) && net.nodes[value].out.pixels() == 1) value = net.nodes[value].inputs.first();
  return is_image(value) ? 0 : value;
}

/// The value of the layer at `path`, as summary<Net>() prints it; also of a group of layers, such as "backbone.layer4",
/// whose value is that of its last layer. -1: there is no such path.
inline int value_at(const DeclaredNetwork& net, std::string_view path) {
  const auto is_in = [&](const Layer& layer) {
    const std::string_view own(layer.path);
    return own.starts_with(path) && (own.size() == path.size() || own[path.size()] == '.');
  };
  for (int i = net.count - 1; i > 0 && !path.empty(); i--)
    if (is_in(net.layers[net.nodes[i].layer])) return i;
  return -1;
}

/// Nodes in the order in which they run: the forward pass up to the scores; a place for the gradient that the caller
/// chooses; the backward pass. Batch norms are split as in training, but all are meant to keep their statistics
/// (Node::keeps_statistics), and the sums over the batch that their gradients read are zeros, not computed.
struct ScoreGradient {
  std::vector<Node> nodes;
  int scores = -1;    ///< the last node of the forward pass
  int seed = -1;      ///< has the shape of the scores: d(sum) / d(scores) of a sum of scores
  int value = -1;     ///< the layer's
  int gradient = -1;  ///< d(sum) / d(value); -1: the scores do not depend on the value
};

/// `value`: of the declared network. functor_reads_input: as for differentiate().
inline ScoreGradient score_gradient(const DeclaredNetwork& net, int value, const bool* functor_reads_input) {
  ScoreGradient out;
  const int scores = scores_of(net);
  if (value > scores) return out;
  std::vector<Node>& nodes = out.nodes;
  std::vector<int> moved(std::size_t(net.count), 0);
  std::size_t bound = 1;
  for (int i = 0; i <= scores; i++) {
    Node node = net.nodes[i];
    for (int& input : node.inputs) input = moved[std::size_t(input)];
    if (node.op == Op::dropout) {
      moved[std::size_t(i)] = node.inputs.first();
      continue;
    }
    node.mid = node.out;
    node.frozen = true;
    if (node.op == Op::batch_norm) {
      Node statistics = node;
      statistics.op = Op::batch_statistics;
      statistics.out = statistics.mid = {1, 1, 2 * node.in.channels};
      node.inputs.add(Input::statistics, int(nodes.size()));
      node.op = Op::normalize;
      nodes.push_back(statistics);
    }
    moved[std::size_t(i)] = int(nodes.size());
    nodes.push_back(node);
    bound += std::size_t(6 + 2 * node.inputs.count);
  }
  out.scores = moved[std::size_t(scores)], out.value = moved[std::size_t(value)];
  out.seed = int(nodes.size());
  nodes.push_back({.op = Op::input, .out = nodes[std::size_t(out.scores)].out});

  const int forward = int(nodes.size());
  nodes.resize(std::size_t(forward) + bound);
  std::vector<int> adjoint(nodes.size(), -1);
  const auto depends = std::make_unique<bool[]>(nodes.size());
  for (int i = out.value; i <= out.scores; i++) {
    const Node& node = nodes[std::size_t(i)];
    depends[std::size_t(i)] = i == out.value;
    for (const int input : node.inputs)
      depends[std::size_t(i)] = depends[std::size_t(i)] || depends[std::size_t(input)];
  }
  adjoint[std::size_t(out.scores)] = depends[std::size_t(out.scores)] ? out.seed : -1;
  Backward backward{nodes.data(), forward, adjoint.data(), depends.get(), functor_reads_input};
  for (int i = out.scores; i > out.value; i--)
    if (adjoint[std::size_t(i)] >= 0) traits(nodes[std::size_t(i)].op).gradient(backward, i);
  nodes.resize(std::size_t(backward.count));
  out.gradient = adjoint[std::size_t(out.value)];
  return out;
}

}  // namespace strata::graph
