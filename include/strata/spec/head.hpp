// SPDX-License-Identifier: MIT
// The outputs of a network that has several: Outputs<Head<"class", Dense<10>, Softmax>, Head<"box", Dense<4>>>, its
// last argument.
#pragma once

#include <strata/spec/sequential.hpp>

namespace strata {

/// An output of a network and the layers before it, which continue from the value before Outputs, or from a From.
/// H x W x C -> what the last layer gives: y = the last of ... of the first of x. Paths in it begin with its name.
template <core::FixedString Name, class... Layer>
struct Head {
  static constexpr core::FixedString name = Name;  ///< of the output
  using layers = spec::type_list<Layer...>;        ///< before it
};

/// Heads that are trained with the others, and that inference leaves out: auxiliary classifiers. Their parameters
/// belong to the model and are stored in its files.
template <class... H>
struct OnlyInTraining {};

/// The outputs of a network, its last argument, in place of a single one: each is a Head, or an OnlyInTraining of
/// heads. All heads continue from the same value. Refuses other types, equal names, more than 8 heads, heads after one
/// that is only in training, and no head in inference.
template <class... H>
struct Outputs {};

namespace detail {

template <class... H>
inline constexpr bool lists_heads<Outputs<H...>> = true;

/// Bounds, spelling and lowering of what Outputs may list; of anything else, a refusal.
template <class T>
struct HeadOf {
  using functors = spec::type_list<>;
  static constexpr graph::Bound bound{};
  static constexpr core::FixedString path = "outputs";
  static constexpr void spell(core::Text& out) { as_layer<T>::spell(out); }
  static constexpr int lower(graph::Builder& b, int x) {
    b.refuse(graph::Reason::not_a_head, &spell, b.shape(x));
    return x;
  }
};
/// A Head. (By its members: nvcc finds no specialization for a template with a name among its arguments.)
template <class T>
concept is_head = requires {
  typename T::layers;
  T::name.text;
};
template <class T, class Layers>
struct NamedHead;
template <class T, class... Layer>
struct NamedHead<T, spec::type_list<Layer...>> {
  using functors = functors_of<Layer...>;
  static constexpr graph::Bound bound = total_bound<Layer...>();
  static constexpr core::FixedString path = T::name;
  static constexpr void spell(core::Text& out) {
    out << "Head<\"" << path.text << '"';
    if (sizeof...(Layer) > 0) out << ", ";
    spell_all<Layer...>(out);
    out << '>';
  }
  static constexpr int lower(graph::Builder& b, int x) {
    const Shape given = b.shape(x);
    if (!core::is_plain_name(path.text) || !path.text[0]) b.refuse(graph::Reason::name_not_plain, &spell, given);
    if (!b.only_in_training && b.head_count > 0 && b.heads[b.head_count - 1].only_in_training)
      b.refuse(graph::Reason::head_after_training_heads, &spell, given);
    if (b.refused()) return x;
    const int y = lower_in_order<Layer...>(b, x);
    b.add_port(b.heads, b.head_count, path.text, y, &spell, given);
    if (!b.refused()) b.heads[b.head_count - 1].only_in_training = b.only_in_training;
    return x;  // from which the next head continues
  }
};
template <is_head T>
struct HeadOf<T> : NamedHead<T, typename T::layers> {};
template <class... H>
struct HeadOf<OnlyInTraining<H...>> {
  using functors = functors_of<HeadOf<H>...>;
  static constexpr graph::Bound bound = total_bound<HeadOf<H>...>();
  static constexpr core::FixedString path = "";
  static constexpr void spell(core::Text& out) { spell_as<HeadOf<H>...>(out, "OnlyInTraining"); }
  static constexpr int lower(graph::Builder& b, int x) {
    if (sizeof...(H) == 0) b.refuse(graph::Reason::no_head, &spell, b.shape(x));
    b.only_in_training = true;
    lower_in_order<HeadOf<H>...>(b, x);
    b.only_in_training = false;
    return x;
  }
};

/// Outputs as the last layer of a network.
template <class... H>
struct OutputsOf {
  using functors = functors_of<HeadOf<H>...>;
  static constexpr graph::Bound bound = total_bound<HeadOf<H>...>();
  static constexpr core::FixedString path = "";
  static constexpr void spell(core::Text& out) { spell_as<HeadOf<H>...>(out, "Outputs"); }
  static constexpr int lower(graph::Builder& b, int x) {
    lower_in_order<HeadOf<H>...>(b, x);
    const int before = b.enter("outputs");
    if (b.head_count == 0 || b.heads[0].only_in_training) b.refuse(graph::Reason::no_head, &spell, b.shape(x));
    b.leave(before);
    return x;
  }
};

/// A part of a network: a layer, or its outputs.
template <class T>
struct AsPart {
  using type = as_layer<T>;
};
template <class... H>
struct AsPart<Outputs<H...>> {
  using type = OutputsOf<H...>;
};
template <class T>
using as_part = typename AsPart<T>::type;

}  // namespace detail
}  // namespace strata
