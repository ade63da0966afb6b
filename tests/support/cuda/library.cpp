// SPDX-License-Identifier: MIT
// The library that models find on the device that stands in for a GPU: an interpreter of cuDNN's graphs.
#include <strata/cuda/device.hpp>

#include "graph_interpreter.hpp"
#include "library.hpp"

namespace strata::testing {

InterpreterOptions& library_options() {
  static InterpreterOptions options;
  return options;
}

}  // namespace strata::testing

std::unique_ptr<strata::cuda::Library> strata::cuda::make_library() {
  return std::make_unique<testing::GraphInterpreter>(testing::library_options());
}
