// SPDX-License-Identifier: MIT
// Lowers types to nodes, in one traversal of the declaration by ordinary constexpr functions called through pointers.
// The sum of the layers' bounds gives the sizes of the arrays.
#pragma once

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
  out.graph.result = Net::lower(b);
  out.graph.count = b.node_count;
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

/// Multiply-accumulates of the forward pass per image.
template <class Net>
inline constexpr long macs = [] {
  long total = 0;
  for (int i = 0; i < graph::lowered<Net>.graph.count; i++)
    total += graph::node_macs(graph::lowered<Net>.graph.nodes[i]);
  return total;
}();

/// Shape of one input image: rows, columns, channels.
template <class Net>
inline constexpr Shape input_shape = Net::input;

/// Shape of the output per image: rows, columns, classes.
template <class Net>
inline constexpr Shape output_shape = graph::lowered<Net>.graph.nodes[graph::lowered<Net>.graph.result].out;

}  // namespace strata
