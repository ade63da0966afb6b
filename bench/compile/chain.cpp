// SPDX-License-Identifier: MIT
// A chain of LAYERS convolutions with batch norm and ReLU, planned for training: how compile time grows with depth.
#include <strata/graph/plans.hpp>
#include <strata/models/resnet18.hpp>

#include <utility>

using namespace strata;
using namespace strata::models;

template <std::size_t>
using Block = ConvBnRelu<3, 16>;

template <std::size_t... I>
auto chain(std::index_sequence<I...>) -> Network<Image<32, 32, 16>, Block<I>..., Dense<10>, Softmax>;

using Chain = decltype(chain(std::make_index_sequence<LAYERS>{}));

long arena() {
  constexpr auto& plan = graph::training_plan<Chain, graph::Layout{.lanes = 16, .by_group = false}>;
  return plan.frame + plan.scratch;
}
