// SPDX-License-Identifier: MIT
// The output of a layer's `lower`: nodes, tables, and the first error. lower.hpp owns the storage, so neither this type
// nor any layer's `lower` needs template parameters for sizes.
#pragma once

#include <strata/core/text/text.hpp>
#include <strata/graph/declared/network_tables.hpp>

#include <limits>

namespace strata::core {

/// "8x8x4"; "5x5" if the channels are 0
constexpr Text& operator<<(Text& out, Shape s) {
  out << s.height << 'x' << s.width;
  return s.channels > 0 ? out << 'x' << s.channels : out;
}

}  // namespace strata::core

namespace strata::graph {

/// Why a network is rejected. The table of reject.hpp has a sentence and a remedy for each.
enum class Reason : unsigned char {
  none,
  window_larger_than_input,
  padding_not_smaller_than_window,
  branches_differ_in_shape,
  branches_differ_in_size,
  branches_do_not_scale,
  unknown_tap,
  duplicate_tap,
  too_many_taps,
  unused_tap,
  groups_do_not_divide,
  options_contradict,
  option_not_taken,
  not_an_option,
  size_not_positive,
  crop_larger_than_input,
  pad_removes_all,
  vector_expected,
  map_expected,
  layers_end_in_a_map,
  no_image,
  no_layers,
  no_branches,
  not_a_layer,
  functor_is_not_a_layer,
  image_among_layers,
  network_among_layers,
  functor_lacks_a_member,
  probability_out_of_range,
  epsilon_not_positive,
  momentum_out_of_range,
  path_too_long,
  name_taken,
  name_not_plain,
  too_many_parameters,
  number_out_of_range,
  kernel_larger_than_input,
  padding_lacks_pixels,
  target_smaller_than_input,
  sizes_differ,
  channels_beyond_input,
  parts_are_not_all,
  factor_does_not_divide,
  signal_expected,
  norm_of_one_number,
  not_a_source,
  unused_source,
  outputs_not_last,
  not_a_head,
  no_head,
  head_after_training_heads,
  name_of_another_port,
  too_many_ports,
  third_branch,
};
inline constexpr Reason last_reason = Reason::third_branch;

using SpellFunction = void (*)(core::Text&);  ///< a layer's `spell`, which identifies the layer's type

/// The first error, as a value that functions can return and template arguments can hold.
struct Verdict {
  Reason why = Reason::none;
  SpellFunction spell = nullptr;
  char path[64] = {};
  Shape given{}, other{};  ///< the layer's input shape; the conflicting shape or requested size
  char detail[64] = {};    ///< the name or option in question
  constexpr bool operator==(const Verdict&) const = default;
};

/// Upper bounds on what a layer adds.
struct Bound {
  int nodes = 0, tensors = 0, layers = 0;
  constexpr Bound& operator+=(Bound other) {
    nodes += other.nodes, tensors += other.tensors, layers += other.layers;
    return *this;
  }
};

/// A named value (spec/tap.hpp), or a source (spec/source.hpp).
struct TapEntry {
  const char* name = nullptr;
  int value = -1, uses = 0;
  bool is_source = false;
  SpellFunction spell = nullptr;
  char path[64] = {};
};

/// The state of lowering.
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
  Port sources[max_ports]{}, heads[max_ports]{};
  int source_count = 0, head_count = 0;
  bool only_in_training = false;  ///< the heads being lowered
  double rate = 1;                ///< multiplies the learning rate of every parameter (AtRate)
  bool describes = true;          ///< fills in the layers' spelled and kind
  bool learns = false;            ///< the current layer has a parameter whose rate is not 0
  char path[64] = {};
  int path_size = 0;                ///< bytes of the whole path; `path` holds the first 63
  int given = -1;                   ///< the value that the part being lowered continues from
  SpellFunction* spells = nullptr;  ///< per layer
  SpellFunction current = nullptr;  ///< spells the current layer
  Verdict verdict{};

  constexpr Shape shape(int value) const { return nodes[value].out; }

  // --- paths: call enter before lowering a part and pass its result to leave; an empty name adds nothing
  constexpr int enter(const char* part) {
    const int before = path_size;
    if (!*part) return before;
    if (path_size > 0) append('.');
    for (; *part; part++) append(*part);
    path[stored()] = 0;
    return before;
  }
  constexpr int enter(int position) { return enter((core::Text() << position).text); }
  constexpr void leave(int before) {
    path_size = before;
    path[stored()] = 0;
  }
  /// Number of bytes in `path`.
  constexpr int stored() const { return path_size < int(sizeof path) - 1 ? path_size : int(sizeof path) - 1; }
  constexpr void append(char c) {
    if (path_size < int(sizeof path) - 1) path[path_size] = core::is_control(c) ? '?' : c;
    path_size++;
  }

  // --- errors: only the first one counts
  constexpr void refuse(Reason why, SpellFunction spell, Shape shape, Shape other = {}, const char* detail = "") {
    if (verdict.why != Reason::none) return;
    verdict.why = why;
    verdict.spell = spell;
    for (int i = 0; i <= stored(); i++) verdict.path[i] = path[i];
    verdict.given = shape;
    verdict.other = other;
    for (int i = 0; detail[i] && i < 63; i++) verdict.detail[i] = detail[i];
  }
  constexpr bool refused() const { return verdict.why != Reason::none; }

  // --- sources and heads
  /// Adds a source or a head to `ports`, of which there are `count`; `shape` is what a refusal shows. Refuses a name
  /// that another of them has, and more than max_ports.
  constexpr void add_port(Port* ports, int& count, const char* name, int value, SpellFunction spell, Shape shape) {
    for (int i = 0; i < count; i++)
      if (core::same_text(ports[i].name, name)) refuse(Reason::name_of_another_port, spell, shape, {}, name);
    if (count == max_ports) refuse(Reason::too_many_ports, spell, shape, {}, "8 is the limit");
    if (refused()) return;
    Port& port = ports[count++];
    for (int i = 0; name[i] && i < int(sizeof port.name) - 1; i++) port.name[i] = name[i];
    port.value = value;
  }

  /// Names a value for From and CropTo, at the current path. Refuses more than max_taps; if refused, it returns any
  /// tap.
  constexpr TapEntry& add_tap(const char* name, int value, SpellFunction spell) {
    if (tap_count == max_taps) refuse(Reason::too_many_taps, spell, shape(value), {}, "64 is the limit");
    if (refused()) return taps[0];
    TapEntry& tap = taps[tap_count++];
    tap.name = name, tap.value = value, tap.spell = spell;
    for (int i = 0; i <= stored(); i++) tap.path[i] = path[i];
    return tap;
  }

  // --- tables
  /// Begins a layer, to which the nodes and tensors that follow belong; returns its index.
  constexpr int begin(const char* kind, SpellFunction spell) {
    if (path_size > stored()) refuse(Reason::path_too_long, spell, given < 0 ? Shape{} : shape(given));
    Layer& layer = layers[layer_count];
    for (int i = 0; i <= stored(); i++) layer.path[i] = path[i];
    if (spells) spells[layer_count] = spell;
    current = spell;
    if (describes) {
      core::Text spelled;
      spell(spelled);
      spelled.copy_to(layer.spelled);
      core::Text(kind).copy_to(layer.kind);
    }
    learns = false;
    return layer_count++;
  }
  /// Adds a parameter tensor to the current layer; returns its offset in floats. Refuses what an int cannot count.
  constexpr int parameter(Tensor tensor) {
    tensor.layer = layer_count - 1;
    const double size = double(tensor.dims[0]) * tensor.dims[1] * tensor.dims[2] * tensor.dims[3];
    if (parameter_floats + size > double(std::numeric_limits<int>::max()))
      refuse(Reason::too_many_parameters, current, given < 0 ? Shape{} : shape(given));
    else tensor.size = int(size);
    tensor.offset = parameter_floats;
    tensor.rate_factor *= rate;
    learns = learns || tensor.rate_factor != 0;
    parameter_floats += tensor.size;
    parameters[parameter_count++] = tensor;
    return tensor.offset;
  }
  /// Adds a buffer of `size` floats to the current layer; returns its offset in floats.
  constexpr int buffer(Role role, int size) {
    Tensor tensor{.role = role,
                  .layer = layer_count - 1,
                  .rank = 1,
                  .dims = {size, 1, 1, 1},
                  .offset = buffer_floats,
                  .size = size};
    buffer_floats += size;
    buffers[buffer_count++] = tensor;
    return tensor.offset;
  }

  // --- nodes
  /// The ordinal of the functor with this tag, or no_functor.
  constexpr int functor(const void* tag) const {
    for (int i = 0; i < functor_count; i++)
      if (functor_tags[i] == tag) return i;
    return no_functor;
  }
  /// Adds a node to the current layer; it reads x if x >= 0. Returns its value.
  constexpr int add(Node node, int x) {
    if (x >= 0) {
      node.in = nodes[x].out;
      node.inputs.add(Input::x, x);
    }
    node.mid = node.out;
    node.layer = layer_count - 1;
    node.frozen = (node.weights >= 0 || node.bias >= 0) && !learns;
    layers[node.layer].out = node.out;
    nodes[node_count] = node;
    return node_count++;
  }
  /// Adds a sum, concat, scale or maximum of `count` values; returns its value. More than max_inputs values become a
  /// chain of nodes.
  constexpr int join(Op op, const int* values, int count, Shape out) {
    const Input others = op == Op::scale ? Input::factor : op == Op::maximum ? Input::other : Input::x;
    int joined = -1, next = 0;
    do {
      Node node{.op = op};
      const auto read = [&](int value) { node.inputs.add(node.inputs.count > 0 ? others : Input::x, value); };
      if (joined >= 0) read(joined);
      while (next < count && node.inputs.count < max_inputs) read(values[next++]);
      node.in = nodes[node.inputs.first()].out;
      node.out = out;
      if (op == Op::concat) {
        node.out.channels = 0;
        for (const int part : node.inputs) node.out.channels += nodes[part].out.channels;
      }
      joined = add(node, -1);
    } while (next < count);
    return joined;
  }
};

}  // namespace strata::graph
