// SPDX-License-Identifier: MIT
// The number of a pool's outputs, and what an average divides by.
#include <strata/reference/check_gradients.hpp>
#include <strata/reference/pools.hpp>
#include <strata/spec/layers.hpp>

#include <doctest/doctest.h>

#include <vector>

using namespace strata;
using namespace strata::core;
using namespace strata::graph;

namespace {

template <class Pool, int Height, int Width = Height>
constexpr graph::Node pool_of = lowered<Network<Image<Height, Width, 1>, Pool>>.graph.nodes[1];

template <class Pool>
constexpr int rows_of_8 = pool_of<Pool, 8>.out.height;

}  // namespace

// As PyTorch's ceil_mode: pooling_output_shape of ATen.
static_assert(rows_of_8<MaxPool<3, Stride<2>>> == 3 && rows_of_8<MaxPool<3, Stride<2>, CeilMode>> == 4);
static_assert(rows_of_8<AvgPool<2, CeilMode>> == 4 && rows_of_8<AvgPool<3, Stride<2>, Pad<1>, CeilMode>> == 5);
static_assert(rows_of_8<MaxPool<2, Stride<3>, CeilMode>> == 3);          // from 0, 3 and 6
static_assert(rows_of_8<MaxPool<1, Stride<4>, CeilMode>> == 2);          // none begins at 8
static_assert(rows_of_8<MaxPool<2, Stride<2>, Pad<1>, CeilMode>> == 5);  // none begins at 9
static_assert(rows_of_8<MaxPool<3, Stride<4>, Dilation<2>, CeilMode>> == 2);

TEST_CASE("an average divides by the taps that count") {
  const auto divisors = []<class Pool>() {
    constexpr graph::Node node = pool_of<Pool, 8, 1>;
    const AverageDivisor divisor(node, node.in);
    std::vector<int> rows;
    for (int r = 0; r < node.out.height; r++) rows.push_back(divisor(r, 0));
    CHECK(rows == reference::counted_taps(node.window, node.uncounted, node.in, node.out));
    return rows;
  };
  using Rows = std::vector<int>;
  CHECK(divisors.operator()<AvgPool<Size{3, 1}, Stride<2>, Pad<1, 0>>>() == Rows{3, 3, 3, 3});
  CHECK(divisors.operator()<AvgPool<Size{3, 1}, Stride<2>, Pad<1, 0>, ExcludePadding>>() == Rows{2, 3, 3, 3});
  CHECK(divisors.operator()<AvgPool<Size{3, 1}, Stride<2>, Pad<1, 0>, CeilMode>>() == Rows{3, 3, 3, 3, 2});
  CHECK(divisors.operator()<AvgPool<Size{3, 1}, Stride<2>, Pad<1, 0>, CeilMode, ExcludePadding>>() ==
        Rows{2, 3, 3, 3, 1});
  CHECK(divisors.operator()<AvgPool<Size{3, 1}, CeilMode>>() == Rows{3, 3, 2});
  CHECK(divisors.operator()<AvgPool<Size{3, 1}, Stride<1>, Same, ExcludePadding>>() == Rows{2, 3, 3, 3, 3, 3, 3, 2});
}

TEST_CASE("a global max pool is a max pool of the whole map") {
  constexpr graph::Node node = pool_of<GlobalMaxPool, 5, 7>;
  CHECK(node.op == Op::max_pool);
  CHECK(node.out == Shape{1, 1, 1});
  CHECK(node.window == Window{Axis::tiles(5), Axis::tiles(7)});
}

TEST_CASE("the reference against differences") {
  CHECK(check_gradients<AvgPool<3, Stride<2>, Pad<1>, CeilMode>>());
  CHECK(check_gradients<AvgPool<3, Stride<2>, Pad<1>, ExcludePadding>>());
}
