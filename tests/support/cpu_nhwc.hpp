// SPDX-License-Identifier: MIT
// The program that runs node by node, as a back end.
#pragma once

#include <strata/cpu/nhwc/training.hpp>

namespace strata::testing {

struct Nhwc {
  template <class Net>
  using Inference = cpu::nhwc::Inference<Net>;
  template <class Net>
  using Training = cpu::nhwc::Training<Net>;
};

}  // namespace strata::testing
