// SPDX-License-Identifier: MIT
// The stand-in for cuDNN: a Library whose plans run on the stand-in device (recording_runtime.hpp), in its streams and
// captures. A plan is as strict as cuDNN may be: memory is aligned to 16 bytes and in a living allocation, no output
// overlaps an input (except one with the same layout, in a graph that is purely element-wise), nothing in the workspace
// survives a call, and the first call loads code. All calls of a library and its plans use one handle, which is bound
// to the stream of the last call and belongs to one thread at a time.
#pragma once

#include <strata/cuda/runtime/library.hpp>

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace strata::testing {

struct InterpreterOptions {
  /// Makes JSON of a graph, which is then executed instead of the description; null: the description is executed.
  std::string (*serialized)(const cuda::GraphDescription&) = nullptr;
  /// "", or why this form has no plan.
  std::function<std::string(const cuda::GraphDescription&)> refuses = {};
  long workspace_bytes = 0;  ///< required by every plan
};

/// What calls of cuDNN share.
struct Handle {
  std::atomic<bool> busy = false;
  std::atomic<cuda::Stream> stream = nullptr;
};

class GraphInterpreter final : public cuda::Library {
 public:
  explicit GraphInterpreter(InterpreterOptions options = {}) : options_(std::move(options)) {}

  /// Throws Error for an invalid graph (graph_executor.hpp).
  std::unique_ptr<cuda::GraphPlan> build(const cuda::GraphDescription& graph, std::string& why) override;

  const std::vector<cuda::GraphDescription>& built() const { return built_; }
  const std::vector<cuda::GraphDescription>& refused() const { return refused_; }

 private:
  InterpreterOptions options_;
  std::shared_ptr<Handle> handle_ = std::make_shared<Handle>();
  std::vector<cuda::GraphDescription> built_, refused_;
};

/// The name of a graph in the device's log: "cudnn convolution+add+relu".
std::string work_name(const cuda::GraphDescription& graph);

}  // namespace strata::testing
