// SPDX-License-Identifier: MIT
// The hash of what inference of a network computes, by which files and headers of weights name their network
// (graph/hash.hpp). It needs neither strings nor exceptions.
#pragma once

#include <strata/core/description.hpp>
#include <strata/graph/lower.hpp>
#include <strata/spec/functor_description.hpp>

namespace strata::graph {

namespace detail {

constexpr const char* word_of(graph::Interpolation mode) {
  switch (mode) {
    case graph::Interpolation::half_pixel: return "half_pixel";
    case graph::Interpolation::zero_extended: return "zero_extended";
    case graph::Interpolation::aligned_corners: return "aligned_corners";
    case graph::Interpolation::nearest: return "nearest";
    case graph::Interpolation::area: return "area";
  }
  return "";
}
constexpr const char* word_of(graph::Products products) {
  switch (products) {
    case graph::Products::fewest: return "fewest";
    case graph::Products::direct: return "direct";
    case graph::Products::winograd: return "winograd";
  }
  return "";
}
constexpr const char* word_of(graph::Share share) {
  switch (share) {
    case graph::Share::element: return "element";
    case graph::Share::channel: return "channel";
    case graph::Share::image: return "image";
  }
  return "";
}

constexpr const char* word_of(core::Padding padding) {
  switch (padding) {
    case core::Padding::zeros: return "zeros";
    case core::Padding::reflect: return "reflect";
    case core::Padding::replicate: return "replicate";
    case core::Padding::circular: return "circular";
  }
  return "";
}

using FunctorDescriber = void (*)(core::Description&);
template <class List>
struct FunctorDescribers;
template <class... Functor>
struct FunctorDescribers<spec::type_list<Functor...>> {
  static constexpr FunctorDescriber of[] = {&strata::detail::describe_functor<Functor>...};
};

constexpr void describe(core::Description& out, const core::Window& w) {
  if (w.rows.kernel != 1 || w.columns.kernel != 1) out.word("kernel").number(w.rows.kernel).number(w.columns.kernel);
  if (w.rows.stride != 1 || w.columns.stride != 1) out.word("stride").number(w.rows.stride).number(w.columns.stride);
  if (w.rows.dilation != 1 || w.columns.dilation != 1)
    out.word("dilation").number(w.rows.dilation).number(w.columns.dilation);
  if (w.rows.pads() || w.columns.pads())
    out.word("padding").number(w.rows.before).number(w.columns.before).number(w.rows.after).number(w.columns.after);
}

/// Describes what a node computes in inference, except where its inputs come from. A new field of Node or Epilogue does
/// not compile until it is listed here. (The other structs in Node are filled by passes; networks are hashed before.)
/// If inference uses the field, describe it only where it differs from its value in all older networks.
constexpr void describe_inference(core::Description& out, const graph::Node& node, const FunctorDescriber* functors) {
  const auto& [op, in, shape, inputs, window, groups, uncounted, prologue, epilogue, mid, weights, bias, products,
               frozen, weight_part, folded, buffers, share, epsilon, momentum, probability, factor, mode, offset_y,
               offset_x, offset_channel, padding, port, layer] = node;
  const auto& [functor, pools, pool] = epilogue;
  out.word(graph::name(op)).number(shape.height).number(shape.width).number(shape.channels);
  describe(out, window);
  if (groups != 1) out.word("groups").number(groups);
  if (uncounted != graph::Margins{})
    out.word("uncounted").number(uncounted.top).number(uncounted.left).number(uncounted.bottom).number(uncounted.right);
  if (functor != graph::no_functor) out.word("functor"), functors[functor](out);
  if (bias >= 0) out.word("bias");
  const graph::Attributes& declares = graph::traits(op).declares;
  if (declares.epsilon) out.word("epsilon").real(epsilon);
  if (declares.share) out.word(word_of(share));
  if (declares.resize) out.word(word_of(mode)).number(factor);
  if (declares.offsets) out.word("from").number(offset_y).number(offset_x);
  if (declares.offsets && offset_channel != 0) out.word("channel").number(offset_channel);
  if (declares.padding) out.word(word_of(padding));
}

/// Whether every attribute that a layer set is one that its op declares. Otherwise networks that differ in it would
/// have the same hash.
template <int Capacity>
constexpr bool declares_attributes(const graph::Graph<Capacity>& graph) {
  const graph::Node unset{};
  for (int i = 0; i < graph.count; i++) {
    const graph::Node& n = graph.nodes[i];
    const graph::Attributes& declares = graph::traits(n.op).declares;
    if (!declares.resize && (n.factor != unset.factor || n.mode != unset.mode)) return false;
    if (!declares.uncounted && n.uncounted != unset.uncounted) return false;
    if (!declares.offsets && (n.offset_y != 0 || n.offset_x != 0 || n.offset_channel != 0)) return false;
    if (!declares.padding && n.padding != unset.padding) return false;
    if (!declares.epsilon && n.epsilon != unset.epsilon) return false;
    if (!declares.momentum && n.momentum != unset.momentum) return false;
    if (!declares.probability && n.probability != unset.probability) return false;
    if (!declares.share && n.share != unset.share) return false;
  }
  return true;
}

}  // namespace detail

/// The version of structural_hash, the number before its digits in files.
inline constexpr int structural_hash_version = 2;

/// Hash of what inference computes, and of the heads that are only in training: ops, shapes, windows, functors with
/// their arguments, epsilons, connections.
template <class Net>
inline constexpr std::uint64_t structural_hash = [] {
  constexpr auto& graph = lowered<Net>.graph;
  static_assert(detail::declares_attributes(graph),
                "strata: a layer sets an attribute of its node that its op does not declare in graph/op_traits.hpp");
  core::Description out;
  int value[graph.capacity + 1]{};  // index of each node's value in the network without dropouts, which inference omits
  int count = 0;
  for (int i = 0; i < graph.count; i++) {
    const graph::Node& node = graph.nodes[i];
    if (node.op == graph::Op::dropout) {
      value[i] = value[node.inputs[Input::x]];
      continue;
    }
    value[i] = count++;
    detail::describe_inference(out, node, detail::FunctorDescribers<functors<Net>>::of);
    out.number(node.inputs.count);
    for (const int input : node.inputs) out.number(value[i] - value[input]);
  }
  out.word("result").number(count - value[graph.result]);
  for (const int other : graph.others) out.word("result").number(count - value[other]);
  if (lowered<Net>.head_count > lowered<Net>.inference_heads)
    out.word("results of inference").number(lowered<Net>.inference_heads);
  return out.hash();
}();

}  // namespace strata::graph
