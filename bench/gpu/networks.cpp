// SPDX-License-Identifier: MIT
#include "networks.hpp"

#include <strata/core/error.hpp>
#include <strata/cuda/planning/options.hpp>
#include <strata/graph/plans.hpp>
#include <strata/models/digits.hpp>

#include "../../tests/support/layer_cases.hpp"

using namespace strata;

namespace gpu_check {

std::vector<cuda::DeviceCode> device_codes();  // device.cu

namespace {

template <class Net>
cuda::Subject subject(const cuda::PlanView& plan, const cuda::DeviceCode& code) {
  constexpr auto& lowered = graph::lowered<Net>;
  return {plan,          lowered.parameters, lowered.parameter_count, lowered.parameter_floats, lowered.buffer_floats,
          code.functors, code.whole};
}

template <class Net>
Network network(std::string name, const cuda::DeviceCode& code) {
  constexpr graph::PlanOptions options = cuda::plan_options<>();
  return {std::move(name),
          testing::spelling_of<Net>(),
          reference::declaration<Net>,
          reference::tensors_of(graph::lowered<Net>),
          subject<Net>(cuda::view(graph::inference_plan<Net, cuda::layout, options>), code),
          subject<Net>(cuda::view(graph::training_plan<Net, cuda::layout, options>), {code.functors, nullptr})};
}

}  // namespace

const std::vector<Network>& networks() {
  static const std::vector<Network> all = [] {
    const std::vector<cuda::DeviceCode> codes = device_codes();
    std::vector<Network> out{network<models::Digits<>>("digits", codes[0])};
    testing::for_each_list([&](const char* list, auto cases) {
      int number = 0;
      testing::for_each_case(cases, [&]<class Net>() {
        out.push_back(network<Net>(core::sentence(list, ' ', ++number), codes[out.size()]));
      });
    });
    return out;
  }();
  return all;
}

}  // namespace gpu_check
