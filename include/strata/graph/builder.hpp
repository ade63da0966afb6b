// SPDX-License-Identifier: MIT
// What a layer's `lower` writes to: nodes, the tables, and the first refusal. The storage belongs to lower.hpp, so that
// this type, and with it every layer's `lower`, is no template.
#pragma once

#include <strata/core/text.hpp>
#include <strata/graph/network_tables.hpp>

namespace strata::graph {

/// Why a network is refused; each has a sentence and a remedy in reject.hpp.
enum class Reason : unsigned char {
  none,
  window_larger_than_input,
  padding_not_smaller_than_window,
  branches_differ_in_shape,
  branches_differ_in_size,
  unknown_tap,
  duplicate_tap,
  unused_tap,
  channels_do_not_divide,
  options_contradict,
  not_an_option,
  size_not_positive,
  crop_larger_than_input,
  vector_expected,
  map_expected,
  head_is_no_softmax,
  no_layers,
  no_branches,
  probability_out_of_range,
  path_too_long,
  name_taken,
  name_not_plain,
};

using Who = void (*)(Text&);  ///< a layer's `spell`: identifies its type among values

/// The first refusal: a value that passes can return and template arguments can carry.
struct Verdict {
  Reason why = Reason::none;
  Who who = nullptr;
  char path[64] = {};
  Shape given{}, other{};   ///< the shape the layer got; the shape it met (branches) or a size it asked for
  char detail[64] = {};     ///< a name, an option
  constexpr bool operator==(const Verdict&) const = default;
};

/// Upper bounds of what a layer adds.
struct Bound {
  int nodes = 0, tensors = 0, layers = 0;
  constexpr Bound& operator+=(Bound other) {
    nodes += other.nodes, tensors += other.tensors, layers += other.layers;
    return *this;
  }
};

struct TapEntry {
  const char* name = nullptr;
  int value = -1, uses = 0;
  Who who = nullptr;
  char path[64] = {};
};

struct Builder {
  static constexpr int max_taps = 64;

  Node* nodes = nullptr;
  Layer* layers = nullptr;
  Tensor *parameters = nullptr, *buffers = nullptr;
  const void* const* functor_tags = nullptr;
  int functor_count = 0;

  int node_count = 0, layer_count = 0, parameter_count = 0, buffer_count = 0;
  int parameter_floats = 0, buffer_floats = 0;
  TapEntry taps[max_taps]{};
  int tap_count = 0;
  double rate = 1;      ///< multiplies the learning rate of every parameter (AtRate)
  bool learns = false;  ///< the current layer has a parameter whose rate is not 0
  char path[64] = {};
  int path_size = 0;      ///< of the whole path, of which `path` holds the first 63 characters
  int given = -1;         ///< the value that the part being lowered continues from
  Who* spells = nullptr;  ///< of each layer
  Verdict verdict{};

  constexpr Shape shape(int value) const { return nodes[value].out; }

  // --- paths: enter before lowering a part, leave with what enter returned; an empty name adds nothing
  constexpr int enter(const char* part) {
    const int before = path_size;
    if (!*part) return before;
    if (path_size > 0) append('.');
    for (; *part; part++) append(*part);
    path[stored()] = 0;
    return before;
  }
  constexpr int enter(int position) { return enter((Text() << position).text); }
  constexpr void leave(int before) {
    path_size = before;
    path[stored()] = 0;
  }
  /// Characters of the path that `path` holds.
  constexpr int stored() const { return path_size < int(sizeof path) - 1 ? path_size : int(sizeof path) - 1; }
  constexpr void append(char c) {
    if (path_size < int(sizeof path) - 1) path[path_size] = is_control(c) ? '?' : c;
    path_size++;
  }

  // --- refusals: only the first one counts
  constexpr void refuse(Reason why, Who who, Shape given, Shape other = {}, const char* detail = "") {
    if (verdict.why != Reason::none) return;
    verdict.why = why;
    verdict.who = who;
    for (int i = 0; i <= stored(); i++) verdict.path[i] = path[i];
    verdict.given = given;
    verdict.other = other;
    for (int i = 0; detail[i] && i < 63; i++) verdict.detail[i] = detail[i];
  }
  constexpr bool refused() const { return verdict.why != Reason::none; }

  // --- tables
  /// Begins a layer: the nodes and tensors that follow belong to it.
  constexpr int begin(const char* kind, Who spell) {
    if (path_size > stored()) refuse(Reason::path_too_long, spell, given < 0 ? Shape{} : shape(given));
    Layer& layer = layers[layer_count];
    for (int i = 0; i <= stored(); i++) layer.path[i] = path[i];
    if (spells) spells[layer_count] = spell;
    Text spelled;
    spell(spelled);
    spelled.copy_to(layer.spelled);
    Text(kind).copy_to(layer.kind);
    learns = false;
    return layer_count++;
  }
  /// A tensor of the parameters for the current layer; returns its offset.
  constexpr int parameter(Tensor tensor) {
    tensor.layer = layer_count - 1;
    tensor.size = tensor.dims[0] * tensor.dims[1] * tensor.dims[2] * tensor.dims[3];
    tensor.offset = parameter_floats;
    tensor.rate_factor *= rate;
    learns = learns || tensor.rate_factor != 0;
    parameter_floats += tensor.size;
    parameters[parameter_count++] = tensor;
    return tensor.offset;
  }
  constexpr int buffer(Role role, int size) {
    Tensor tensor{.role = role, .layer = layer_count - 1, .rank = 1, .dims = {size, 1, 1, 1}, .offset = buffer_floats, .size = size};
    buffer_floats += size;
    buffers[buffer_count++] = tensor;
    return tensor.offset;
  }

  // --- nodes
  constexpr int functor(const void* tag) const {
    for (int i = 0; i < functor_count; i++)
      if (functor_tags[i] == tag) return i;
    return no_functor;
  }
  /// Adds a node of the current layer that reads x (if >= 0).
  constexpr int add(Node node, int x) {
    if (x >= 0) {
      node.in = nodes[x].out;
      node.inputs[node.input_count++] = x;
    }
    node.mid = node.out;
    node.layer = layer_count - 1;
    node.frozen = (node.weights >= 0 || node.bias >= 0) && !learns;
    layers[node.layer].out = node.out;
    nodes[node_count] = node;
    return node_count++;
  }
  /// Sum or concat of `count` values; more than a node can read become a chain.
  constexpr int join(Op op, const int* values, int count, Shape out) {
    int joined = -1, next = 0;
    do {
      Node node{.op = op};
      if (joined >= 0) node.inputs[node.input_count++] = joined;
      while (next < count && node.input_count < max_inputs) node.inputs[node.input_count++] = values[next++];
      node.in = nodes[node.inputs[0]].out;
      node.out = out;
      if (op == Op::concat) {
        node.out.channels = 0;
        for (int k = 0; k < node.input_count; k++) node.out.channels += nodes[node.inputs[k]].out.channels;
      }
      joined = add(node, -1);
    } while (next < count);
    return joined;
  }
};

}  // namespace strata::graph
