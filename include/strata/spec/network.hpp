// SPDX-License-Identifier: MIT
// A network: an input followed by layers.
#pragma once

#include <strata/spec/head.hpp>
#include <strata/spec/source.hpp>

namespace strata {

/// The network's input: images of `Height` rows, `Width` columns and `Channels` values per pixel, each at least 1.
template <int Height, int Width = 0, int Channels = 0>
struct Image {
  static constexpr Shape shape{Height, Width, Channels};  ///< of one image
};

/// A network: `Input` is an Image, a Signal or Inputs; the layers follow in order, each given the output of the one
/// before it; the last of them may be Outputs. H x W x C -> what the last layer gives (output_shape). y = the last
/// layer of ... of the first of x. Refuses what any of its layers refuses (ERRORS.md explains the compiler's
/// sentences), no layer at all, and a Tap that nothing reads.
template <class Input, class... Layer>
struct Network {
  using functors = detail::functors_of<detail::as_part<Layer>...>;
  static constexpr Shape input = detail::InputOf<Input>::shape;  ///< of one image, of the first source
  static constexpr int layers = sizeof...(Layer);                ///< the number of layers, a composite counted as one
  static constexpr graph::Bound bound = [] {
    graph::Bound bound = detail::total_bound<detail::as_part<Layer>...>();
    constexpr int sources = detail::InputOf<Input>::count;
    bound += {sources, 2 * sources, sources};
    return bound;
  }();
  static constexpr void spell(core::Text& out) {
    out << "Network<";
    spell_input(out);
    if (layers > 0) out << ", ";
    detail::spell_all<detail::as_part<Layer>...>(out);
    out << '>';
  }
  /// Spells the last layer.
  static constexpr void spell_last(core::Text& out) {
    constexpr graph::SpellFunction parts[] = {&spell_input, &detail::as_part<Layer>::spell...};
    parts[layers](out);
  }
  /// Spells the input: "Image<28, 28, 1>".
  static constexpr void spell_input(core::Text& out) { detail::InputOf<Input>::spell(out); }
  /// Lowers the inputs, the layers and the outputs, which are then in b.heads.
  static constexpr void lower(graph::Builder& b) {
    const int whole = b.enter("input");
    detail::InputOf<Input>::lower(b);
    if (layers == 0) b.refuse(graph::Reason::no_layers, &spell_input, input);
    b.leave(whole);
    if (b.refused()) return;
    constexpr bool outputs[] = {false, detail::lists_heads<Layer>...};
    for (int i = 1; i < layers; i++)
      if (outputs[i]) {
        b.enter(i - 1);
        b.refuse(graph::Reason::outputs_not_last, &spell_outputs, input);
      }
    const int x = detail::lower_in_order<detail::as_part<Layer>...>(b, b.sources[0].value);
    if (!outputs[layers]) b.add_port(b.heads, b.head_count, "", x, &spell_last, b.shape(x));
    for (int i = 0; i < b.tap_count && !b.refused(); i++) {
      if (b.taps[i].uses > 0) continue;
      b.leave(0);
      b.enter(b.taps[i].path);
      b.refuse(b.taps[i].is_source ? graph::Reason::unused_source : graph::Reason::unused_tap, b.taps[i].spell,
               b.shape(b.taps[i].value), {}, b.taps[i].name);
    }
  }

 private:
  /// Spells the first Outputs among the layers.
  static constexpr void spell_outputs(core::Text& out) {
    constexpr graph::SpellFunction parts[] = {&spell_input, &detail::as_part<Layer>::spell...};
    constexpr bool outputs[] = {false, detail::lists_heads<Layer>...};
    int at = 0;
    while (at < layers && !outputs[at]) at++;
    parts[at](out);
  }
};

}  // namespace strata
