// SPDX-License-Identifier: MIT
// What moves elements: shapes, spellings, nodes, and where each element goes.
#include <strata/cpu/nhwc/inference.hpp>
#include <strata/graph/hash.hpp>
#include <strata/spec/layers.hpp>

#include <doctest/doctest.h>

#include <vector>

using namespace strata;
using namespace strata::core;
using namespace strata::graph;

namespace {

/// The output for an image of 0, 1, 2, ... in memory order: row, column, channel.
template <class Net>
std::vector<float> of_counted_image() {
  std::vector<float> image(std::size_t(Net::input.size())), result(std::size_t(output_shape<Net>.size())),
      buffers(std::size_t(2 * Net::input.channels), 0.f);
  for (std::size_t i = 0; i < image.size(); i++) image[i] = float(i);
  for (int c = 0; c < Net::input.channels; c++) buffers[std::size_t(c)] = 1;
  Workers one(1);
  cpu::nhwc::Inference<Net> inference(1, one);
  inference.load(nullptr, buffers.data());
  inference.run({.floats = image.data(), .count = 1}, result.data());
  return result;
}

template <class Layer, class Input>
constexpr Shape shape_after = output_shape<Network<Input, Layer>>;

template <class Layer>
std::string text_of() {
  core::Text text;
  Layer::spell(text);
  return text.text;
}

using Floats = std::vector<float>;

template <class Layer>
constexpr std::uint64_t hash_with = structural_hash<Network<Image<4, 4, 8>, Layer>>;

}  // namespace

static_assert(shape_after<Reshape<2, 3, 4>, Image<1, 1, 24>> == Shape{2, 3, 4});
static_assert(shape_after<Reshape<1, 1, 24>, Image<2, 3, 4>> == Shape{1, 1, 24});
static_assert(shape_after<Slice<1, 2>, Image<5, 4, 3>> == Shape{5, 4, 2});
static_assert(shape_after<PixelShuffle<3>, Image<2, 3, 18>> == Shape{6, 9, 2});
static_assert(shape_after<PixelUnshuffle<3>, Image<6, 9, 2>> == Shape{2, 3, 18});
static_assert(shape_after<PadTo<7, 6>, Image<4, 5, 2>> == Shape{7, 6, 2});
static_assert(shape_after<Crop<3, 2>, Image<4, 5, 2>> == Shape{3, 2, 2});

static_assert(hash_with<Slice<0, 4>> != hash_with<Slice<1, 4>>);
static_assert(hash_with<ChannelShuffle<2>> != hash_with<ChannelShuffle<4>>);
static_assert(hash_with<PadTo<6, 6>> != hash_with<PadTo<6, 6, Reflect>>);
static_assert(hash_with<PadTo<6, 6, Reflect>> != hash_with<PadTo<6, 6, Circular>>);
static_assert(hash_with<PadTo<6, 6>> != hash_with<PadTo<6, 6, Offset<0, 1>>>);
static_assert(hash_with<Crop<2, 2>> != hash_with<Crop<2, 2, Offset<0, 1>>>);

TEST_CASE("a reshape of a vector inverts Flatten; one of a map is PyTorch's view") {
  using There = Network<Image<2, 2, 3>, Flatten, Reshape<2, 2, 3>>;
  CHECK(of_counted_image<There>() == Floats{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11});
  using View = Network<Image<1, 2, 2>, Reshape<2, 1, 2>>;  // channels {0, 2}, {1, 3}, each now a column
  CHECK(of_counted_image<View>() == Floats{0, 1, 2, 3});
  using Wider = Network<Image<1, 3, 2>, Reshape<1, 2, 3>>;  // {0, 2, 4}, {1, 3, 5} as {0, 2}, {4, 1}, {3, 5}
  CHECK(of_counted_image<Wider>() == Floats{0, 4, 3, 2, 1, 5});
  CHECK(lowered<There>.graph.count == 3);
  CHECK(lowered<View>.graph.count == 3);
  CHECK(lowered<Network<Image<1, 1, 6>, Reshape<1, 1, 6>>>.layers[1].out == Shape{1, 1, 6});
}

TEST_CASE("a crop and its inverse from an offset; around the center without one") {
  CHECK(of_counted_image<Network<Image<3, 4, 1>, Crop<2, 2, Offset<1, 2>>>>() == Floats{6, 7, 10, 11});
  CHECK(of_counted_image<Network<Image<3, 4, 1>, Crop<2, 3>>>() == Floats{0, 1, 2, 4, 5, 6});
  CHECK(of_counted_image<Network<Image<1, 2, 1>, PadTo<2, 4, Offset<1, 2>>>>() == Floats{0, 0, 0, 0, 0, 0, 0, 1});
  CHECK(of_counted_image<Network<Image<1, 2, 1>, PadTo<2, 5>>>() == Floats{0, 0, 1, 0, 0, 0, 0, 0, 0, 0});
}

TEST_CASE("what padding shows") {
  using Three = Image<1, 3, 1>;
  CHECK(of_counted_image<Network<Three, PadTo<1, 7, Reflect>>>() == Floats{2, 1, 0, 1, 2, 1, 0});
  CHECK(of_counted_image<Network<Three, PadTo<1, 7, Replicate>>>() == Floats{0, 0, 0, 1, 2, 2, 2});
  CHECK(of_counted_image<Network<Three, PadTo<1, 9, Circular>>>() == Floats{0, 1, 2, 0, 1, 2, 0, 1, 2});
}

TEST_CASE("slices and shuffles") {
  CHECK(of_counted_image<Network<Image<1, 2, 3>, Slice<1, 2>>>() == Floats{1, 2, 4, 5});
  CHECK(of_counted_image<Network<Image<1, 1, 6>, ChannelShuffle<2>>>() == Floats{0, 3, 1, 4, 2, 5});
  CHECK(of_counted_image<Network<Image<1, 1, 8>, PixelShuffle<2>>>() == Floats{0, 4, 1, 5, 2, 6, 3, 7});
  CHECK(of_counted_image<Network<Image<2, 2, 2>, PixelUnshuffle<2>>>() == Floats{0, 2, 4, 6, 1, 3, 5, 7});
}

TEST_CASE("the parts of a split are taps") {
  using Net =
      Network<Image<1, 2, 3>, Split<Part<"first", 1>, Part<"others", 2>>, Concat<From<"others">, From<"first">>>;
  CHECK(of_counted_image<Net>() == Floats{1, 2, 0, 4, 5, 3});
  CHECK(lowered<Net>.layers[1].out == Shape{1, 2, 3});
}

TEST_CASE("spellings") {
  CHECK(text_of<Reshape<2, 3, 4>>() == "Reshape<2, 3, 4>");
  CHECK(text_of<Crop<2, 3, Offset<1, 0>>>() == "Crop<2, 3, Offset<1, 0>>");
  CHECK(text_of<PadTo<2, 3, Circular>>() == "PadTo<2, 3, Circular>");
  CHECK(text_of<Split<Part<"a", 1>, Part<"b", 2>>>() == "Split<Part<\"a\", 1>, Part<\"b\", 2>>");
}
