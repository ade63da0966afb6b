// SPDX-License-Identifier: MIT
// What a layer is. Composites lower any other type as a stand-in, so that it is rejected in one sentence, by its place.
#pragma once

#include <concepts>

#include <strata/core/text/text.hpp>
#include <strata/core/type_name.hpp>
#include <strata/graph/declared/builder.hpp>
#include <strata/spec/functor.hpp>

namespace strata::detail {

/// A layer: its functors, an upper bound on what it adds, its spelling, and its lowering after value x.
template <class T>
concept is_layer = requires(graph::Builder& b, core::Text& out, int x) {
  typename T::functors;
  { T::bound } -> std::convertible_to<graph::Bound>;
  T::spell(out);
  { T::lower(b, x) } -> std::same_as<int>;
};

template <class T>
concept is_image = requires {
  { T::shape } -> std::convertible_to<Shape>;
};

template <class T>
concept is_network = requires(graph::Builder& b) {
  { T::input } -> std::convertible_to<Shape>;
  T::lower(b);
};

/// Whether T is an Outputs (spec/head.hpp), which is no layer.
template <class T>
inline constexpr bool lists_heads = false;

/// Spells a type without the namespace strata in front.
template <class T>
constexpr void spell_type(core::Text& out) {
  constexpr std::string_view prefix = "strata::", name = core::type_name<T>();
  for (const char c : name.starts_with(prefix) ? name.substr(prefix.size()) : name) out << c;
}

/// Stands in for T, which is not a layer: rejects the network.
template <class T>
struct NotALayer {
  using functors = spec::type_list<>;
  static constexpr graph::Bound bound{};
  static constexpr void spell(core::Text& out) { spell_type<T>(out); }
  static constexpr int lower(graph::Builder& b, int x) {
    b.refuse(
        is_image<T>              ? graph::Reason::image_among_layers
        : is_network<T>          ? graph::Reason::network_among_layers
        : lists_heads<T>         ? graph::Reason::outputs_not_last
        : requires { T::needs; } ? graph::Reason::functor_is_not_a_layer
                                 : graph::Reason::not_a_layer,
        &spell, b.shape(x));
    return x;
  }
};

template <class T>
struct AsLayer {
  using type = NotALayer<T>;
};
template <is_layer T>
struct AsLayer<T> {
  using type = T;
};

/// T if it is a layer, else its stand-in.
template <class T>
using as_layer = typename AsLayer<T>::type;

/// The functors of the layers, in order, with repetitions.
template <class... Layer>
using functors_of = typename Concatenated<typename as_layer<Layer>::functors...>::type;

}  // namespace strata::detail
