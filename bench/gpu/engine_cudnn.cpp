// SPDX-License-Identifier: MIT
// cuDNN, with the plans of STRATA_CUDA_PLANS.
#include <strata/cuda/cudnn/cudnn_library.hpp>

#include <cstdlib>

#include "checked_library.hpp"

std::unique_ptr<strata::cuda::Library> gpu_check::base_library() {
  const char* const folder = std::getenv("STRATA_CUDA_PLANS");
  return strata::cuda::cudnn_library(folder ? folder : "");
}

std::string gpu_check::library_name() { return "cuDNN " + strata::cuda::cudnn_version(); }
