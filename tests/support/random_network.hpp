// SPDX-License-Identifier: MIT
// Networks drawn from the grammar of the language by a number: sequences of layers and of joins whose branches are
// again sequences. RandomNetwork<7> is always the same type.
#pragma once

#include <strata/core/random.hpp>

#include "layer_cases.hpp"

#include <tuple>

namespace strata::testing {

/// A number below `count` for a place in the tree of draws.
constexpr int draw(std::uint64_t place, int count) {
  return int(core::mix(core::mix(place, 0x9E37), 77) % std::uint64_t(count));
}
constexpr std::uint64_t below(std::uint64_t place, int child) { return core::mix(place, std::uint64_t(child) + 1); }

constexpr int channel_choices[] = {1, 2, 3, 5, 8, 9, 16, 17};
constexpr int channels_at(std::uint64_t place) { return channel_choices[draw(place ^ 0xC0FFEE, 8)]; }

template <class... Layer>
struct Layers {
  using sequence = Sequential<Layer...>;
  template <class... More>
  using then = Layers<Layer..., More...>;
};

template <class List>
struct AsTuple;
template <class... Layer>
struct AsTuple<spec::type_list<Layer...>> {
  using type = std::tuple<Layer...>;
};

template <std::uint64_t Place, int Depth>
struct DrawLayer;
template <std::uint64_t Place, int Depth, class Indices>
struct DrawLayersOf;
template <std::uint64_t Place, int Depth, int... Index>
struct DrawLayersOf<Place, Depth, std::integer_sequence<int, Index...>> {
  using type = Layers<typename DrawLayer<below(Place, Index), Depth>::type...>;
};
/// One to four layers.
template <std::uint64_t Place, int Depth>
using DrawLayers = typename DrawLayersOf<Place, Depth, std::make_integer_sequence<int, 1 + draw(Place, 4)>>::type;

/// A branch that ends in `Channels` channels, so that it can be joined with others.
template <std::uint64_t Place, int Depth, int Channels>
using Branch = typename DrawLayers<Place, Depth>::template then<Conv<1, Channels>>::sequence;

template <std::uint64_t Place, int Depth>
struct DrawLayer {
  static constexpr int channels = channels_at(Place);
  using simple = typename AsTuple<DrawnLayers<channels>>::type;
  static constexpr int simple_count = int(std::tuple_size_v<simple>);
  static constexpr int choice = draw(Place, simple_count + (Depth > 0 ? 5 : 0));
  static constexpr auto type_of() {
    if constexpr (choice < simple_count) return std::type_identity<std::tuple_element_t<std::size_t(choice), simple>>();
    else if constexpr (choice < simple_count + 2)
      return std::type_identity<Residual<Branch<below(Place, 7), Depth - 1, channels>, Conv<1, channels>>>();
    else if constexpr (choice < simple_count + 3)
      return std::type_identity<Concat<typename DrawLayers<below(Place, 8), Depth - 1>::sequence, Identity>>();
    else if constexpr (choice < simple_count + 4)
      return std::type_identity<
          Sum<Branch<below(Place, 9), Depth - 1, channels>, Branch<below(Place, 10), Depth - 1, channels>>>();
    else
      return std::type_identity<
          Concat<Conv<1, 2>, typename DrawLayers<below(Place, 11), Depth - 1>::sequence, Conv<3, channels>>>();
  }
  using type = typename decltype(type_of())::type;
};

/// A body, a pool, another body, and a classifier; every third network classifies pixels.
template <std::uint64_t Seed>
struct DrawNetwork {
  using first = typename DrawLayers<below(Seed, 1), 2>::sequence;
  using second = typename DrawLayers<below(Seed, 2), 2>::sequence;
  using of_images = Network<Image<7, 6, 3>, first, MaxPool<2>, second, Dense<3>, Softmax>;
  using of_pixels = Network<Image<5, 6, 2>, first, second, Conv<1, 3>, PixelSoftmax>;
  using type = std::conditional_t<Seed % 3 == 0, of_pixels, of_images>;
};
template <std::uint64_t Seed>
using RandomNetwork = typename DrawNetwork<Seed>::type;

}  // namespace strata::testing
