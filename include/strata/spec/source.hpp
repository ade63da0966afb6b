// SPDX-License-Identifier: MIT
// The inputs of a network that has several: Inputs<Source<"picture", Image<32, 32, 3>>, Source<"tone", Signal<16, 1>>>.
#pragma once

#include <strata/core/text/text.hpp>
#include <strata/graph/declared/builder.hpp>
#include <strata/spec/layer.hpp>

namespace strata {

/// One of the inputs of a network, under the name by which From and CropTo read it. `Input`: an Image or a Signal.
template <core::FixedString Name, class Input>
struct Source {
  static constexpr core::FixedString name = Name;  ///< of the source
  using input = Input;                             ///< what it gives
};

/// The inputs of a network, in place of a single one: the layers continue from the first source and read the others
/// with From<"name">. Each source has a normalization of its own. Refuses what is not a Source of an Image or a Signal,
/// equal names, a source other than the first that nothing reads, and more than 8 of them.
template <class... S>
struct Inputs {};

namespace detail {

template <class Input>
constexpr Shape shape_of() {
  if constexpr (is_image<Input>) return Input::shape;
  else return {};
}

/// The kind of an input, for summaries.
template <class Input>
constexpr const char* kind_of() {
  if constexpr (requires { Input::kind; }) return Input::kind;
  else return "Image";
}

/// Spells an image or a signal: "Image<28, 28, 1>".
template <class Input>
constexpr void spell_image(core::Text& out) {
  constexpr Shape shape = shape_of<Input>();
  if constexpr (is_image<Input> && requires { Input::spell(out); }) Input::spell(out);
  else if constexpr (is_image<Input>)
    out << "Image<" << shape.height << ", " << shape.width << ", " << shape.channels << '>';
  else as_layer<Input>::spell(out);
}

/// Lowers an input to a node that scales and shifts it. The caller has entered its path.
template <class Input>
constexpr int lower_input(graph::Builder& b, graph::SpellFunction spell, const char* name) {
  constexpr Shape shape = shape_of<Input>();
  b.begin(kind_of<Input>(), spell);
  if (!is_image<Input>) b.refuse(graph::Reason::no_image, spell, {});
  if (shape.height < 1 || shape.width < 1 || shape.channels < 1)
    b.refuse(graph::Reason::size_not_positive, spell, shape);
  const int scale = b.buffer(graph::Role::input_scale, shape.channels);
  b.buffer(graph::Role::input_shift, shape.channels);
  const int port = b.source_count;
  const int x = b.add({.op = graph::Op::input, .out = shape, .buffers = scale, .port = port}, -1);
  b.add_port(b.sources, b.source_count, name, x, spell, shape);
  return x;
}

/// A Source. (By its members: nvcc finds no specialization for a template with a name among its arguments.)
template <class T>
concept is_source = requires {
  typename T::input;
  T::name.text;
};

/// Spells and lowers one source of a network. Others than a Source are refused.
template <class T>
struct SourceOf {
  static constexpr Shape shape{};
  static constexpr void spell(core::Text& out) { as_layer<T>::spell(out); }
  static constexpr void lower(graph::Builder& b) { b.refuse(graph::Reason::not_a_source, &spell, shape); }
};
template <is_source T>
struct SourceOf<T> {
  using input = typename T::input;
  static constexpr core::FixedString name = T::name;
  static constexpr Shape shape = shape_of<input>();
  static constexpr void spell(core::Text& out) {
    out << "Source<\"" << name.text << "\", ";
    spell_image<input>(out);
    out << '>';
  }
  static constexpr void lower(graph::Builder& b) {
    const int before = b.enter(name.text);
    if (!core::is_plain_name(name.text) || !name.text[0]) b.refuse(graph::Reason::name_not_plain, &spell, shape);
    const bool first = b.source_count == 0;
    const int x = lower_input<input>(b, &spell, name.text);
    if (!b.refused()) {
      graph::TapEntry& tap = b.add_tap(name.text, x, &spell);
      tap.uses = first, tap.is_source = true;
    }
    b.leave(before);
  }
};

/// What a network reads: one image, or the sources of Inputs.
template <class Input>
struct InputOf {
  static constexpr Shape shape = shape_of<Input>();  ///< of the first
  static constexpr int count = 1;
  static constexpr void spell(core::Text& out) { spell_image<Input>(out); }
  static constexpr void lower(graph::Builder& b) { lower_input<Input>(b, &spell, ""); }
};
template <class... S>
struct InputOf<Inputs<S...>> {
  static constexpr int count = sizeof...(S);
  static constexpr Shape shape = [] {
    constexpr Shape shapes[] = {SourceOf<S>::shape..., Shape{}};
    return shapes[0];
  }();
  static constexpr void spell(core::Text& out) {
    constexpr graph::SpellFunction parts[] = {nullptr, &SourceOf<S>::spell...};
    out << "Inputs<";
    for (int i = 1; i <= count; i++) {
      if (i > 1) out << ", ";
      parts[i](out);
    }
    out << '>';
  }
  static constexpr void lower(graph::Builder& b) {
    constexpr void (*parts[])(graph::Builder&) = {nullptr, &SourceOf<S>::lower...};
    if (count == 0) b.refuse(graph::Reason::no_image, &spell, {});
    for (int i = 1; i <= count && !b.refused(); i++) parts[i](b);
  }
};

}  // namespace detail
}  // namespace strata
