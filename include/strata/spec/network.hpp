// SPDX-License-Identifier: MIT
// A network: an input followed by layers.
#pragma once

#include <strata/spec/sequential.hpp>

namespace strata {

/// The network's input: images of `Height` rows, `Width` columns and `Channels` values per pixel, each at least 1.
template <int Height, int Width, int Channels>
struct Image {
  static constexpr Shape shape{Height, Width, Channels};  ///< of one image
};

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

}  // namespace detail

/// A network: `Input` is an Image or a Signal; the layers follow in order, each given the output of the one before it.
/// H x W x C -> what the last layer gives (output_shape). y = the last layer of ... of the first of x. Refuses what any
/// of its layers refuses (ERRORS.md explains the compiler's sentences), no layer at all, and a Tap that nothing reads.
template <class Input, class... Layer>
struct Network {
  using functors = detail::functors_of<Layer...>;
  static constexpr Shape input = detail::shape_of<Input>();  ///< of one image
  static constexpr int layers = sizeof...(Layer);            ///< the number of layers, a composite counted as one
  static constexpr graph::Bound bound = [] {
    graph::Bound bound = detail::total_bound<Layer...>();
    bound += {1, 2, 1};
    return bound;
  }();
  static constexpr void spell(core::Text& out) {
    out << "Network<";
    spell_input(out);
    if (layers > 0) out << ", ";
    detail::spell_all<Layer...>(out);
    out << '>';
  }
  /// Spells the last layer.
  static constexpr void spell_last(core::Text& out) {
    constexpr graph::SpellFunction parts[] = {&spell_input, &detail::as_layer<Layer>::spell...};
    parts[layers](out);
  }
  /// Spells the input: "Image<28, 28, 1>".
  static constexpr void spell_input(core::Text& out) {
    if constexpr (detail::is_image<Input> && requires { Input::spell(out); }) Input::spell(out);
    else if constexpr (detail::is_image<Input>)
      out << "Image<" << input.height << ", " << input.width << ", " << input.channels << '>';
    else detail::as_layer<Input>::spell(out);
  }
  /// Lowers the input and the layers; returns the network's output value.
  static constexpr int lower(graph::Builder& b) {
    b.enter("input");
    b.begin(detail::kind_of<Input>(), &spell_input);
    if (!detail::is_image<Input>) b.refuse(graph::Reason::no_image, &spell_input, {});
    if (layers == 0) b.refuse(graph::Reason::no_layers, &spell_input, input);
    if (input.height < 1 || input.width < 1 || input.channels < 1)
      b.refuse(graph::Reason::size_not_positive, &spell_input, input);
    const int scale = b.buffer(graph::Role::input_scale, input.channels);
    b.buffer(graph::Role::input_shift, input.channels);
    int x = b.add({.op = graph::Op::input, .out = input, .buffers = scale}, -1);
    b.leave(0);
    if (!b.refused()) x = detail::lower_in_order<Layer...>(b, x);
    for (int i = 0; i < b.tap_count && !b.refused(); i++) {
      if (b.taps[i].uses > 0) continue;
      b.leave(0);
      b.enter(b.taps[i].path);
      b.refuse(graph::Reason::unused_tap, b.taps[i].spell, b.shape(b.taps[i].value), {}, b.taps[i].name);
    }
    return x;
  }
};

}  // namespace strata
