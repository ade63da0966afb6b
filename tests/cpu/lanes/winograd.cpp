// SPDX-License-Identifier: MIT
// Winograd's products with images in vector lanes, in networks that are large enough for them: tiles that overhang,
// numbers of channels around a block, a functor, a pool and a residual, and the gradients of the inputs.
#include <strata/cpu/lanes/training.hpp>

#include "../../support/check_backend.hpp"
#include "../../support/cpu_lanes.hpp"

using namespace strata;
using namespace strata::testing;

namespace {

template <class Plan>
constexpr int winograd_nodes(const Plan& plan) {
  int nodes = 0;
  for (const auto algorithm : cpu::lanes::choose(plan).of) nodes += algorithm == cpu::lanes::Algorithm::winograd;
  return nodes;
}

template <class Net>
void check() {
  static_assert(winograd_nodes(graph::inference_plan<Net, cpu::lanes::layout>) == 2);
  static_assert(winograd_nodes(graph::training_plan<Net, cpu::lanes::layout>) >= 3);
  check_backend<Lanes, Net>({3, 20}, {1, 2});
}

}  // namespace

TEST_CASE("whole tiles, pooled") { check<Classifier<Image<16, 16, 8>, Conv<3, 8>, ReLU, MaxPool<2>, Conv<3, 8>>>(); }
TEST_CASE("tiles that overhang, and channels beyond a block") {
  check<Classifier<Image<9, 11, 7>, Conv<3, 13>, Tanh, Conv<3, 9>>>();
}
TEST_CASE("a residual") { check<Classifier<Image<8, 12, 8>, Conv<3, 8>, Residual<Conv<3, 8>>, ReLU>>(); }
