// SPDX-License-Identifier: MIT
// Inference of every layer by the general kernels alone: test networks are small, so kernels of fixed shape would
// otherwise hide them.
#include <strata/cpu/nhwc/inference.hpp>
#include <strata/models/digits.hpp>

#include "../../support/check_backend.hpp"

using namespace strata;
using namespace strata::testing;

namespace {

struct General {
  template <class Net>
  using Inference = cpu::nhwc::Inference<Net, graph::PlanOptions{}, false>;
};

template <class Cases>
void check_cases() {
  for_each_case(Cases{}, []<class Net>() { check_inference<General, Net>({1, 7}, {1, 3}); });
}

}  // namespace

TEST_CASE("convolutions") { check_cases<ConvolutionCases>(); }
TEST_CASE("channels") { check_cases<ChannelCases>(); }
TEST_CASE("linear layers") { check_cases<OtherLinearCases>(); }
TEST_CASE("batch norms") { check_cases<NormCases>(); }
TEST_CASE("activations") { check_cases<ActivationCases>(); }
TEST_CASE("pools") { check_cases<PoolCases>(); }
TEST_CASE("digits") { check_cases<spec::type_list<Digits<>>>(); }
