// SPDX-License-Identifier: MIT
// Plans other than the default, run node by node: cheap values recomputed however small they are, and the first
// convolution too; whole blocks recomputed; everything stored; convolutions of upsampled maps as declared, and split
// however few channels they have.
#include <strata/cpu/nhwc/training.hpp>

#include "../../support/check_backend.hpp"

using namespace strata;
using namespace strata::testing;

namespace {

constexpr graph::RecomputeOptions everything{.least_floats = 0, .first_convolution = true}, nothing{.enabled = false};
constexpr graph::PlanOptions recomputed{.recompute = everything}, stored{.recompute = nothing},
    recomputed_and_split{.rewrite = {.least_channels = 1}, .recompute = everything},
    in_blocks{.recompute = {.least_floats = 0, .linear_in_a_row = 2}},
    declared{.rewrite = {.concat_of_resize = false}, .recompute = nothing};

template <graph::PlanOptions Options>
struct Planned {
  template <class Net>
  using Inference = cpu::nhwc::Inference<Net, Options>;
  template <class Net>
  using Training = cpu::nhwc::Training<Net, Options>;
};

template <class Backend, class Cases>
void check_cases() {
  for_each_case(Cases{}, []<class Net>() { check_backend<Backend, Net>({5}, {1, 2}); });
}

}  // namespace

TEST_CASE("batch norms, recomputed") { check_cases<Planned<recomputed>, NormCases>(); }
TEST_CASE("joins, recomputed") { check_cases<Planned<recomputed>, JoinCases>(); }
TEST_CASE("resize and crop, recomputed") { check_cases<Planned<recomputed>, ResizeCases>(); }
TEST_CASE("maps of other rows and columns, recomputed") { check_cases<Planned<recomputed>, ResampleCases>(); }
TEST_CASE("batch norms, stored") { check_cases<Planned<stored>, NormCases>(); }
TEST_CASE("low and enlarged maps, recomputed and split") { check_cases<Planned<recomputed_and_split>, DecoderCases>(); }
TEST_CASE("batch norms, in blocks") { check_cases<Planned<in_blocks>, NormCases>(); }
TEST_CASE("joins, in blocks") { check_cases<Planned<in_blocks>, JoinCases>(); }
TEST_CASE("low and enlarged maps, in blocks") { check_cases<Planned<in_blocks>, DecoderCases>(); }
TEST_CASE("low and enlarged maps, as declared") { check_cases<Planned<declared>, DecoderCases>(); }
