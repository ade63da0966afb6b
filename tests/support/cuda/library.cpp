// SPDX-License-Identifier: MIT
// The library that models use on the device that stands in for a GPU: an interpreter of cuDNN graphs.
#include "library.hpp"

#include <strata/cuda/runtime/device.hpp>

namespace strata::testing {

std::function<std::string(const cuda::GraphDescription&)>& graphs_refused() {
  static std::function<std::string(const cuda::GraphDescription&)> refused;
  return refused;
}

GraphWriter& graph_writer() {
  static GraphWriter writer = nullptr;
  return writer;
}

}  // namespace strata::testing

std::unique_ptr<strata::cuda::Library> strata::cuda::make_library() {
  testing::InterpreterOptions options;
  options.refuses = [](const GraphDescription& graph) {
    const auto& refused = testing::graphs_refused();
    return refused ? refused(graph) : std::string();
  };
  options.serialized = testing::graph_writer();
  options.workspace_bytes = 512;
  return std::make_unique<testing::GraphInterpreter>(options);
}
