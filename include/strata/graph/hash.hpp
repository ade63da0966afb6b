// SPDX-License-Identifier: MIT
// Hashes that identify a network in files: one of what inference computes, for files of weights, and one that adds what
// training computes, for checkpoints. Neither depends on the names of layers. tests/graph/hash.cpp fixes their values.
// A change of a hash would orphan users' files, so it needs a new version and a way to read older files.
#pragma once

#include <string>

#include <strata/core/error.hpp>
#include <strata/graph/lower.hpp>
#include <strata/spec/functor_description.hpp>

namespace strata::graph {

namespace detail {

constexpr const char* word_of(graph::Resize mode) {
  switch (mode) {
    case graph::Resize::half_pixel: return "half_pixel";
    case graph::Resize::zero_extended: return "zero_extended";
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
  const auto& [op, in, shape, inputs, window, groups, prologue, epilogue, mid, weights, bias, products, frozen,
               weight_part, folded, buffers, epsilon, momentum, probability, factor, mode, offset_y, offset_x,
               offset_channel, layer] = node;
  const auto& [functor, pools, pool] = epilogue;
  out.word(graph::name(op)).number(shape.height).number(shape.width).number(shape.channels);
  describe(out, window);
  if (groups != 1) out.word("groups").number(groups);
  if (functor != graph::no_functor) out.word("functor"), functors[functor](out);
  if (bias >= 0) out.word("bias");
  const graph::Attributes& declares = graph::traits(op).declares;
  if (declares.epsilon) out.word("epsilon").real(epsilon);
  if (declares.resize) out.word(word_of(mode)).number(factor);
  if (declares.offsets) out.word("from").number(offset_y).number(offset_x);
  if (declares.offsets && offset_channel != 0) out.word("channel").number(offset_channel);
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
    if (!declares.offsets && (n.offset_y != 0 || n.offset_x != 0 || n.offset_channel != 0)) return false;
    if (!declares.epsilon && n.epsilon != unset.epsilon) return false;
    if (!declares.momentum && n.momentum != unset.momentum) return false;
    if (!declares.probability && n.probability != unset.probability) return false;
  }
  return true;
}

}  // namespace detail

/// The version of structural_hash, the number before its digits in files.
inline constexpr int structural_hash_version = 2;

/// Hash of what inference computes: ops, shapes, windows, functors with their arguments, epsilons, connections.
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
  return out.word("result").number(count - value[graph.result]).hash();
}();

/// Hash of the structural hash and of what training adds: dropouts, momentum of statistics, how products are summed,
/// rate and L2 factors.
template <class Net>
inline constexpr std::uint64_t training_hash = [] {
  const auto& net = lowered<Net>;
  core::Description out(structural_hash<Net>);
  for (int i = 0; i < net.graph.count; i++) {
    const graph::Node& node = net.graph.nodes[i];
    const graph::Attributes& declares = graph::traits(node.op).declares;
    if (declares.probability)
      out.word(graph::name(node.op)).number(i).number(node.inputs.first()).real(node.probability);
    if (declares.momentum) out.word("momentum").real(node.momentum);
    if (node.products != graph::Products::fewest) out.word(detail::word_of(node.products)).number(i);
  }
  for (int t = 0; t < net.parameter_count; t++)
    out.real(net.parameters[t].rate_factor).real(net.parameters[t].l2_factor);
  return out.hash();
}();

namespace detail {

/// Version 1 of the hash, which covers functor ordinals and node defaults. If either changes, its results must stay the
/// same.
struct Hash1 {
  std::uint64_t value = 0x5EED;
  constexpr void add(long number) { value = core::mix(value, std::uint64_t(number)); }
  constexpr void add(Shape s) { add(s.height), add(s.width), add(s.channels); }
  constexpr void add(const core::Window& w) {
    add(w.rows.kernel), add(w.columns.kernel), add(w.rows.stride), add(w.columns.stride), add(w.rows.dilation),
        add(w.columns.dilation), add(w.rows.before), add(w.columns.before), add(w.rows.after), add(w.columns.after);
  }
  constexpr void add(const char* s) {
    for (; *s; s++) add(long(*s));
    add(0L);
  }
};

}  // namespace detail

/// The hash in files written before version 2. Networks that differ only in a functor may share it.
template <class Net>
inline constexpr std::uint64_t structural_hash_1 = [] {
  detail::Hash1 hash;
  const auto& graph = lowered<Net>.graph;
  for (int i = 0; i < graph.count; i++) {
    const graph::Node& node = graph.nodes[i];
    hash.add(graph::name(node.op));
    hash.add(node.out);
    hash.add(node.window);
    for (const int input : node.inputs) hash.add(i - input);
    hash.add(node.epilogue.functor), hash.add(node.weights), hash.add(node.bias), hash.add(node.buffers),
        hash.add(node.factor);
    hash.add(node.mode == graph::Resize::zero_extended ? 1L : 0L), hash.add(node.offset_y), hash.add(node.offset_x);
    hash.add(long(node.epsilon * 1e12)), hash.add(long(node.probability * 1e9));
  }
  return hash.value;
}();

/// The hashes that identify a network in a file.
struct NetworkHash {
  std::uint64_t structural = 0, first_version = 0;  ///< structural_hash, and the hash that version 1 of it had

  /// "2-0123456789abcdef"
  std::string text() const { return core::sentence(structural_hash_version, '-', core::hexadecimal(structural)); }
  /// Whether a file with the hash `stored` belongs to the network. Version 1 has no version number before its digits.
  bool is(const std::string& stored) const { return stored == text() || stored == core::hexadecimal(first_version); }
};

/// The hashes of `Net`.
template <class Net>
inline constexpr NetworkHash network_hash{structural_hash<Net>, structural_hash_1<Net>};

/// Whether `stored` has the form of a network hash that this version of strata can read.
inline bool is_network_hash(std::string stored) {
  if (stored.starts_with(core::sentence(structural_hash_version, '-'))) stored.erase(0, 2);
  return stored.size() == 16 && stored.find_first_not_of("0123456789abcdef") == std::string::npos;
}

}  // namespace strata::graph
