// SPDX-License-Identifier: MIT
#include <strata/cpu/training_work.hpp>

#include <doctest/doctest.h>

#include <strata/strata.hpp>

using namespace strata;

namespace {

using Small = Digits<8, 16, 32>;
using Wide =
    Network<Image<32, 32, 3>, Conv<3, 96>, BatchNorm, ReLU, Conv<3, 96>, ReLU, GlobalAvgPool, Dense<10>, Softmax>;

double sum(const graph::StepWork& work, double graph::Piece::*part) {
  double out = 0;
  for (int k = 0; k < work.count; k++) out += work.pieces[k].*part;
  return out;
}

}  // namespace

TEST_CASE("the work has the multiply-adds of the plan, and fewer products where Winograd's are") {
  constexpr graph::StepWork small = cpu::training_work<Small>, wide = cpu::training_work<Wide>;
  CHECK(sum(small, &graph::Piece::macs) == double(cpu::training_cost<Small>.macs));
  CHECK(sum(wide, &graph::Piece::macs) == double(cpu::training_cost<Wide>.macs));
  for (const graph::StepWork& work : {small, wide}) {
    CHECK(sum(work, &graph::Piece::products) < sum(work, &graph::Piece::macs));
    CHECK(sum(work, &graph::Piece::products) >= sum(work, &graph::Piece::macs) / 4);
  }
  constexpr graph::StepWork exact = cpu::training_work<Wide, CpuWith<AsDeclared>>;
  CHECK(sum(exact, &graph::Piece::macs) > 0);
}

TEST_CASE("images in lanes pass through memory of a thread's own, others through that of the batch") {
  CHECK(cpu::prefers_lanes<Small>());
  CHECK(cpu::training_work<Small>.working_set ==
        arena_bytes<Small, Use::training>(1, 2) - arena_bytes<Small, Use::training>(1, 1));
  CHECK(!cpu::prefers_lanes<Wide>());
  CHECK(cpu::training_work<Wide>.working_set == 0);
}
