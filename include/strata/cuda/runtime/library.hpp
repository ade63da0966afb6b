// SPDX-License-Identifier: MIT
// The interface that builds and runs cuDNN graphs: cuDNN itself (cudnn_library.hpp), or a stand-in without a GPU.
#pragma once

#include <strata/cuda/runtime/description.hpp>

#include <memory>
#include <string>

struct CUstream_st;

namespace strata::cuda {

using Stream = CUstream_st*;  ///< cudaStream_t

/// A graph that can run on the device.
class GraphPlan {
 public:
  virtual ~GraphPlan() = default;
  virtual long workspace_bytes() const = 0;
  virtual std::string engine() const = 0;  ///< cuDNN's name of the chosen plan
  /// Enqueues the graph in the stream. tensors[i]: device memory of tensor i of the description, aligned to 16 bytes;
  /// null for internal ones. workspace: workspace_bytes(). Throws Error.
  virtual void execute(void* const* tensors, void* workspace, Stream stream) = 0;
};

class Library {
 public:
  virtual ~Library() = default;
  /// A plan for the graph. Null: the device has none, `why` is cuDNN's reason, and the caller needs a smaller graph.
  virtual std::unique_ptr<GraphPlan> build(const GraphDescription& graph, std::string& why) = 0;
};

}  // namespace strata::cuda
