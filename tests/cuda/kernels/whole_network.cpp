// SPDX-License-Identifier: MIT
// Inference of small networks as one kernel, on the device that stands in for a GPU, against the reference.
#include "../../support/check_backend.hpp"
#include "../../support/cuda/whole_network_cases.hpp"
#include "../../support/gpu_backend.hpp"

using namespace strata;
using namespace strata::testing;

TEST_CASE("a whole network as one kernel is the network") {
  for_each_case(WholeNetworkCases{}, []<class Net>() {
    const bool is_one_kernel = cuda::device_code<Net>().whole != nullptr;
    REQUIRE(is_one_kernel);
    check_inference<Cuda, Net>({1, 3}, {1});
    check_no_violation();
  });
}
