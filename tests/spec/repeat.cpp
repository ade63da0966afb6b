// SPDX-License-Identifier: MIT
// Repetitions: what they are equal to, names, and none.
#include <strata/graph/hash.hpp>
#include <strata/spec/layers.hpp>

#include <doctest/doctest.h>

#include <string>
#include <type_traits>

using namespace strata;
using namespace strata::graph;

namespace {

template <class... Layer>
using Net = Network<Image<6, 6, 2>, Layer..., Dense<3>, Softmax>;
using Block = Sequential<Conv<3, 4>, BatchNorm>;

static_assert(std::is_same_v<Repeat<2, Conv<3, 4>>, Sequential<Conv<3, 4>, Conv<3, 4>>>);
static_assert(std::is_same_v<Repeat<2, Conv<3, 4>, ReLU>, Repeat<2, Sequential<Conv<3, 4>, ReLU>>>);
static_assert(parameters<Net<Repeat<3, Block>>> == parameters<Net<Block, Block, Block>>);
static_assert(structural_hash<Net<Repeat<2, Block>>> == structural_hash<Net<Block, Block>>);
static_assert(output_shape<Net<Repeat<0, Block>>> == Shape{1, 1, 3});
static_assert(parameters<Net<Repeat<0, Block>>> == parameters<Net<>>);

}  // namespace

TEST_CASE("each repetition has names of its own") {
  constexpr auto& net = lowered<Net<Repeat<2, Block>>>;
  CHECK(std::string(net.layers[1].path) == "0.0.0");
  CHECK(std::string(net.layers[3].path) == "0.1.0");
}
