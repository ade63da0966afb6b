// SPDX-License-Identifier: MIT
// Pointwise functions. A functor has a `name`, a function `f`, its derivative `df`, and `needs`, which says whether df
// takes the input or the output of f. Both functions are generic over float, double and core::simd::Vector
// (core/formulas/functions.hpp has maximum, exponential, ...); those marked STRATA_DEVICE also run on a GPU.
#pragma once

#include <concepts>
#include <type_traits>

namespace strata {

/// The argument of a functor's `df`: the input of `f` or its output.
enum class Needs : unsigned char { input, output };

}  // namespace strata

namespace strata::spec {

/// A list of types, such as the functors of a layer.
template <class... Element>
struct type_list {
  static constexpr int size = sizeof...(Element);  ///< the number of types
};

}  // namespace strata::spec

namespace strata::detail {

using spec::type_list;

// One variable per type. Its address identifies the type at run time and in constant evaluation.
template <class Functor>
inline constexpr char functor_tag = 0;

template <class... List>
struct Concatenated {
  using type = type_list<>;
};
template <class... A>
struct Concatenated<type_list<A...>> {
  using type = type_list<A...>;
};
template <class... A, class... B>
struct Concatenated<type_list<A...>, type_list<B...>> {
  using type = type_list<A..., B...>;
};
// Eight at a time, so that hundreds of layers need only tens of template levels.
template <class... A, class... B, class... C, class... D, class... E, class... F, class... G, class... H, class... Rest>
struct Concatenated<type_list<A...>, type_list<B...>, type_list<C...>, type_list<D...>, type_list<E...>,
                    type_list<F...>, type_list<G...>, type_list<H...>, Rest...> {
  using type = typename Concatenated<type_list<A..., B..., C..., D..., E..., F..., G..., H...>, Rest...>::type;
};
template <class... A, class... B, class... C, class... Rest>
struct Concatenated<type_list<A...>, type_list<B...>, type_list<C...>, Rest...> {
  using type = typename Concatenated<type_list<A..., B..., C...>, Rest...>::type;
};

template <class Done, class Rest>
struct Distinct;
template <class... Done>
struct Distinct<type_list<Done...>, type_list<>> {
  using type = type_list<Done...>;
};
template <class... Done, class First, class... Rest>
struct Distinct<type_list<Done...>, type_list<First, Rest...>> {
  using next = std::conditional_t<(std::same_as<First, Done> || ...), type_list<Done...>, type_list<Done..., First>>;
  using type = typename Distinct<next, type_list<Rest...>>::type;
};

}  // namespace strata::detail
