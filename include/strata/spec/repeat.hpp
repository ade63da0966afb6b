// SPDX-License-Identifier: MIT
// The same layers several times in a row, each time with parameters of its own.
#pragma once

#include <strata/spec/sequential.hpp>

#include <utility>

namespace strata {

namespace detail {

/// Refuses a number of repetitions below 0.
template <int Count>
struct NegativeRepeat {
  using functors = spec::type_list<>;
  static constexpr graph::Bound bound{};
  static constexpr void spell(core::Text& out) { out << "Repeat<" << Count << ", ...>"; }
  static constexpr int lower(graph::Builder& b, int x) {
    b.refuse(graph::Reason::size_not_positive, &spell, b.shape(x));
    return x;
  }
};

template <class Layer, int>
using SameLayer = Layer;
template <class Layer, int... I>
Sequential<SameLayer<Layer, I>...> repeated(std::integer_sequence<int, I...>);

template <int Count, class Layer>
struct Repeated {
  using type = decltype(repeated<Layer>(std::make_integer_sequence<int, Count>()));
};
template <int Count, class Layer>
requires(Count < 0) struct Repeated<Count, Layer> {
  using type = NegativeRepeat<Count>;
};
template <class... Layer>
struct OneLayer {
  using type = Sequential<Layer...>;
};
template <class Layer>
struct OneLayer<Layer> {
  using type = Layer;
};

}  // namespace detail

/// `Count` times the layers, in order, as a Sequential of `Count` parts: Repeat<3, Block<16>>. H x W x C -> as the
/// parts in turn; 0 times: the input. A number below 0 is refused.
template <int Count, class... Layer>
using Repeat = typename detail::Repeated<Count, typename detail::OneLayer<Layer...>::type>::type;

}  // namespace strata
