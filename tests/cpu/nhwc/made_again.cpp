// SPDX-License-Identifier: MIT
// Plans other than the usual one, run node by node: light values made again however small they are, the first convolution
// too; everything stored; convolutions of enlarged maps as declared, and split however few channels there are.
#include <strata/cpu/nhwc/training.hpp>

#include "../../support/check_backend.hpp"

using namespace strata;
using namespace strata::testing;

namespace {

constexpr graph::RecomputeOptions again{.least_floats = 0, .first_convolution = true}, stored{.enabled = false};
constexpr graph::RewriteOptions split{.least_channels = 1}, declared{.concat_of_resize = false};

template <graph::RecomputeOptions Recompute, graph::RewriteOptions Rewrite = graph::RewriteOptions{}>
struct Planned {
  template <class Net>
  using Inference = cpu::nhwc::Inference<Net, true, Rewrite>;
  template <class Net>
  using Training = cpu::nhwc::Training<Net, Recompute, Rewrite>;
};

template <class Backend, class Cases>
void check_cases() {
  for_each_case(Cases{}, []<class Net>() { check_backend<Backend, Net>({5}, {1, 2}); });
}

}  // namespace

TEST_CASE("batch norms, made again") { check_cases<Planned<again>, NormCases>(); }
TEST_CASE("joins, made again") { check_cases<Planned<again>, JoinCases>(); }
TEST_CASE("resize and crop, made again") { check_cases<Planned<again>, ResizeCases>(); }
TEST_CASE("batch norms, stored") { check_cases<Planned<stored>, NormCases>(); }
TEST_CASE("low and enlarged maps, made again and split") { check_cases<Planned<again, split>, DecoderCases>(); }
TEST_CASE("low and enlarged maps, as declared") { check_cases<Planned<stored, declared>, DecoderCases>(); }
