// SPDX-License-Identifier: MIT
// The networks that gpu_check runs, without their types: digits, then all of tests/support/layer_cases.hpp.
#pragma once

#include <strata/cuda/sessions/inference.hpp>
#include <strata/reference/random_data.hpp>

#include <string>
#include <vector>

namespace gpu_check {

struct Network {
  std::string name;      ///< "digits", "pools 3"
  const char* spelling;  ///< the type
  const strata::reference::Declaration& net;
  strata::reference::TensorTable tensors;
  strata::cuda::Subject inference, training;
};

const std::vector<Network>& networks();

}  // namespace gpu_check
