// SPDX-License-Identifier: MIT
// What of the back end is compiled once in a program, by the host's compiler: cuDNN's front end. The target strata::cuda does it,
// and compiles define_kernels.hpp by nvcc.
#pragma once

#include <strata/cuda/define_cudnn.hpp>
#include <strata/cuda/device.hpp>

#include <cstdlib>

namespace strata::cuda {

/// Where plans are kept between runs: $STRATA_CUDA_PLANS, which may be empty: nowhere; else strata/plans in the user's cache.
inline std::string plan_folder() {
  const auto variable = [](const char* name) { return std::getenv(name); };
  if (const char* given = variable("STRATA_CUDA_PLANS")) return given;
  if (const char* cache = variable("XDG_CACHE_HOME"); cache && *cache) return std::string(cache) + "/strata/plans";
  if (const char* home = variable("HOME"); home && *home) return std::string(home) + "/.cache/strata/plans";
  return "";
}

std::unique_ptr<Library> make_library() { return cudnn_library(plan_folder()); }

}  // namespace strata::cuda
