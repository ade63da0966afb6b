// SPDX-License-Identifier: MIT
// Lowers types to nodes, in one traversal of the declaration by ordinary constexpr functions called through pointers.
// The sum of the layers' bounds gives the sizes of the arrays.
#pragma once

#include <strata/graph/edit.hpp>
#include <strata/graph/op_traits.hpp>
#include <strata/graph/reject.hpp>
#include <strata/graph/tensor_names.hpp>
#include <strata/spec/network.hpp>
#include <strata/spec/relu.hpp>

namespace strata::graph {

/// The lowered network and its first error, if any.
template <int Nodes, int Tensors, int Layers>
struct Lowering {
  Lowered<Nodes, Tensors, Layers> result{};  ///< the network
  Verdict verdict{};                         ///< the error
};

/// What identifies the functors of a network.
template <class List>
struct FunctorTags;
template <class... Functor>
struct FunctorTags<spec::type_list<Functor...>> {
  static constexpr const void* tags[] = {&strata::detail::functor_tag<Functor>...};
};

/// The type_list of the network's functors, in the order of their ordinals. The first is always relu.
template <class Net>
using functors = typename strata::detail::Distinct<spec::type_list<spec::relu>, typename Net::functors>::type;

namespace detail {

template <class Net>
inline constexpr auto lowering = [] {
  constexpr graph::Bound bound = Net::bound;
  graph::Lowering<bound.nodes, bound.tensors, bound.layers> lowering;
  auto& out = lowering.result;
  graph::Builder b;
  b.nodes = out.graph.nodes;
  b.layers = out.layers;
  b.parameters = out.parameters;
  b.buffers = out.buffers;
  b.functor_tags = graph::FunctorTags<functors<Net>>::tags;
  b.functor_count = functors<Net>::size;
  graph::SpellFunction spells[std::size_t(bound.layers)]{};
  b.spells = spells;
  Net::lower(b);
  out.graph.count = b.node_count;
  out.source_count = b.source_count;
  out.head_count = b.head_count;
  for (int i = 0; i < graph::max_ports; i++) {
    out.sources[i] = b.sources[i];
    out.heads[i] = b.heads[i];
    if (i >= b.head_count) continue;
    if (i == 0) out.graph.result = b.heads[i].value;
    else out.graph.others.add(b.heads[i].value);
    if (!b.heads[i].only_in_training) out.inference_heads = i + 1;
  }
  out.layer_count = b.layer_count;
  out.parameter_count = b.parameter_count;
  out.parameter_floats = b.parameter_floats;
  out.buffer_count = b.buffer_count;
  out.buffer_floats = b.buffer_floats;
  int slots[std::size_t(graph::name_slots(2 * bound.tensors + 2))]{};
  graph::refuse_equal_names(b, slots, graph::name_slots(2 * bound.tensors + 2));
  lowering.verdict = b.verdict;
  return lowering;
}();

template <class Net>
struct LoweringOf {
  static constexpr const graph::Verdict& verdict = lowering<Net>.verdict;
};

}  // namespace detail

/// The network as a graph with its tables. An invalid network fails to compile here, with one sentence.
template <class Net>
inline constexpr auto lowered = [] {
  static_assert(detail::accept<detail::LoweringOf<Net>>());
  return detail::lowering<Net>.result;
}();

namespace detail {

template <class Net>
inline constexpr auto without_training_heads = [] {
  auto graph = lowered<Net>.graph;
  graph.others.count = lowered<Net>.inference_heads - 1;
  return sweep(graph);
}();

}  // namespace detail

/// What inference computes, as declared: the network without the heads that are only in training.
template <class Net>
constexpr const auto& declared_inference() {
  if constexpr (lowered<Net>.inference_heads == lowered<Net>.head_count) return lowered<Net>.graph;
  else return detail::without_training_heads<Net>;
}

/// The number of the source, or of the head, of that name; an empty one names the first. -1: there is none.
constexpr int port_of(const Port* ports, int count, const char* name) {
  for (int i = 0; i < count; i++)
    if (!name[0] || core::same_text(ports[i].name, name)) return i;
  return -1;
}
/// The number, >= 0, of a network's source of that name; one that none has does not compile.
template <class Net, core::FixedString Name>
inline constexpr int source_number = [] {
  constexpr int port = port_of(lowered<Net>.sources, lowered<Net>.source_count, Name.text);
  static_assert(port >= 0, "strata: the network has no source of that name; use one that its Inputs list");
  return port;
}();
/// The number, >= 0, of its head of that name, likewise.
template <class Net, core::FixedString Name>
inline constexpr int head_number = [] {
  constexpr int port = port_of(lowered<Net>.heads, lowered<Net>.head_count, Name.text);
  static_assert(port >= 0, "strata: the network has no head of that name; use one that its Outputs list");
  return port;
}();

/// The name of a tensor of the network.
template <class Net>
constexpr core::Text tensor_name(const graph::Tensor& tensor) {
  return graph::tensor_name(lowered<Net>.layers, tensor);
}

}  // namespace strata::graph

namespace strata {

/// Number of parameters, including frozen ones: weights, biases, scales, shifts.
template <class Net>
inline constexpr long parameters = graph::lowered<Net>.parameter_floats;

/// Multiply-accumulates of inference per image.
template <class Net>
inline constexpr long macs = [] {
  constexpr auto& declared = graph::declared_inference<Net>();
  long total = 0;
  for (int i = 0; i < declared.count; i++) total += graph::node_macs(declared.nodes[i]);
  return total;
}();

/// Shape of one input image: rows, columns, channels. Of several sources, that of the one with this name; an empty name
/// is the first one's.
template <class Net, core::FixedString Name = "">
inline constexpr Shape input_shape = [] {
  if constexpr (Name.size() == 0) return Net::input;
  else return graph::lowered<Net>.graph.nodes[graph::lowered<Net>.sources[graph::source_number<Net, Name>].value].out;
}();

/// Shape of the output per image: rows, columns, classes. Of several heads, that of the one with this name; an empty
/// name is the first one's.
template <class Net, core::FixedString Name = "">
inline constexpr Shape output_shape =
    graph::lowered<Net>.graph.nodes[graph::lowered<Net>.heads[graph::head_number<Net, Name>].value].out;

}  // namespace strata
