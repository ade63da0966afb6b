// SPDX-License-Identifier: MIT
// The program that runs with images in vector lanes, as a back end.
#pragma once

#include <strata/cpu/lanes/inference.hpp>
#include <strata/cpu/lanes/training.hpp>

namespace strata::testing {

struct Lanes {
  template <class Net>
  using Inference = cpu::lanes::Inference<Net>;
  template <class Net>
  using Training = cpu::lanes::Training<Net>;
};

}  // namespace strata::testing
