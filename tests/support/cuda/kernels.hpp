// SPDX-License-Identifier: MIT
// The functors of the tests of kernels. Their launches are compiled in kernels.cpp, with the kernels.
#pragma once

#include <strata/cuda/runtime/call.hpp>
#include <strata/spec/gelu.hpp>
#include <strata/spec/relu.hpp>
#include <strata/spec/sigmoid.hpp>

namespace strata::testing {

/// relu, one that reads its input, one that reads its output.
using Functors = spec::type_list<spec::relu, spec::gelu, spec::sigmoid>;
inline constexpr int reads_input = 1, reads_output = 2;

/// Their launches, in this order.
const cuda::DeviceFunctor* device_functors();

}  // namespace strata::testing
