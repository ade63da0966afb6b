// SPDX-License-Identifier: MIT
// What stands in for cuDNN on the device that stands in for a GPU.
#include "../../tests/support/cuda/graph_interpreter.hpp"
#include "checked_library.hpp"

std::unique_ptr<strata::cuda::Library> gpu_check::base_library() {
  strata::testing::InterpreterOptions options;
  options.workspace_bytes = 512;
  return std::make_unique<strata::testing::GraphInterpreter>(options);
}

std::string gpu_check::library_name() { return "an interpreter of cuDNN's graphs"; }
