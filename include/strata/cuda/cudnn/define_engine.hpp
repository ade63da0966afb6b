// SPDX-License-Identifier: MIT
// The library that models use on a GPU: cuDNN, with a folder of plans. To be included by exactly one .cpp of a program,
// like define_cudnn.hpp by another .cpp and define_kernels.hpp by one .cu; the target strata::cuda does so.
#pragma once

#include <strata/cuda/cudnn/cudnn_library.hpp>
#include <strata/cuda/runtime/device.hpp>

#include <cstdlib>
#include <memory>
#include <string>

namespace strata::cuda {

/// Where plans are kept between runs: $STRATA_CUDA_PLANS, else strata/plans in the user's cache; "": nowhere.
inline std::string plan_folder() {
  const auto variable = [](const char* name) { return std::getenv(name); };
  if (const char* given = variable("STRATA_CUDA_PLANS")) return given;
  if (const char* cache = variable("XDG_CACHE_HOME"); cache && *cache) return std::string(cache) + "/strata/plans";
  if (const char* home = variable("HOME"); home && *home) return std::string(home) + "/.cache/strata/plans";
  return "";
}

std::unique_ptr<Library> make_library() { return cudnn_library(plan_folder()); }

}  // namespace strata::cuda
