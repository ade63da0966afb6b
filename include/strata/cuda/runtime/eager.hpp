// SPDX-License-Identifier: MIT
// Eager mode, for finding what fails or is slow: a network's steps run one by one and are waited for, instead of a
// captured graph of all of them. STRATA_CUDA_EAGER=1 switches it on for the sessions made afterward.
#pragma once

#include <strata/core/error.hpp>

#include <cstdlib>
#include <string>

namespace strata::cuda {

/// Whether the environment asks for eager mode. Throws Error where the variable is neither 0 nor 1.
inline bool eager() {
  const char* const given = std::getenv("STRATA_CUDA_EAGER");
  const std::string text = given ? given : "";
  if (text.empty() || text == "0") return false;
  if (text == "1") return true;
  throw Error("CUDA: STRATA_CUDA_EAGER is \"", text,
              "\"; give 1 to run and time each step of a network by itself, or 0 to replay captured steps");
}

}  // namespace strata::cuda
