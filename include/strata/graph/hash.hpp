// SPDX-License-Identifier: MIT
// Hashes that identify a network in files: one of what inference computes, for files of weights, and one that adds what
// training computes, for checkpoints. Neither depends on the names of layers. tests/graph/hash.cpp fixes their values.
// A change of a hash would orphan users' files, so it needs a new version and a way to read older files.
#pragma once

#include <string>

#include <strata/core/error.hpp>
#include <strata/graph/structural_hash.hpp>

namespace strata::graph {

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
    if (declares.probability && node.share != graph::Share::element) out.word(detail::word_of(node.share));
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
    hash.add(node.mode == graph::Interpolation::zero_extended ? 1L : 0L), hash.add(node.offset_y),
        hash.add(node.offset_x);
    if (const auto& [top, left, bottom, right] = node.uncounted; node.uncounted != graph::Margins{})
      hash.add(top), hash.add(left), hash.add(bottom), hash.add(right);
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
