// SPDX-License-Identifier: MIT
// What stands in for cuDNN: a Library whose plans run on the stand-in device (recording_runtime.hpp), in its streams and captures.
// A plan is as strict as cuDNN may be: memory is aligned to 16 bytes and that of a living allocation, no output lies over an input
// (but one of the same layout, of a graph that only goes element by element), and nothing outlasts a call in the workspace.
#pragma once

#include <strata/cuda/library.hpp>

#include <functional>
#include <string>
#include <vector>

namespace strata::testing {

struct InterpreterOptions {
  /// How a graph becomes JSON, which is then executed in the description's place; null: the description is.
  std::string (*serialised)(const cuda::GraphDescription&) = nullptr;
  /// "", or why this form has no plan.
  std::function<std::string(const cuda::GraphDescription&)> refuses = {};
  long workspace_bytes = 0;  ///< that every plan asks for
};

class GraphInterpreter final : public cuda::Library {
 public:
  explicit GraphInterpreter(InterpreterOptions options = {}) : options_(std::move(options)) {}

  /// A graph that is none (graph_executor.hpp) is the caller's mistake and throws.
  std::unique_ptr<cuda::GraphPlan> build(const cuda::GraphDescription& graph, std::string& why) override;

  const std::vector<cuda::GraphDescription>& built() const { return built_; }
  const std::vector<cuda::GraphDescription>& refused() const { return refused_; }

 private:
  InterpreterOptions options_;
  std::vector<cuda::GraphDescription> built_, refused_;
};

/// What the device's log calls a graph: "cudnn convolution+add+relu".
std::string work_name(const cuda::GraphDescription& graph);

}  // namespace strata::testing
