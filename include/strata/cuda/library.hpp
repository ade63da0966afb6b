// SPDX-License-Identifier: MIT
// Who builds and runs cuDNN graphs: cuDNN itself (cudnn_library.hpp), or what stands in for it where there is no GPU.
#pragma once

#include <strata/cuda/description.hpp>

#include <memory>
#include <string>

struct CUstream_st;

namespace strata::cuda {

using Stream = CUstream_st*;  ///< cudaStream_t

/// A graph that was found to run on the device.
class GraphPlan {
 public:
  virtual ~GraphPlan() = default;
  virtual long workspace_bytes() const = 0;
  virtual std::string engine() const = 0;  ///< as cuDNN calls the plan that it chose
  /// tensors[i]: memory of tensor i of the description, aligned to 16 bytes; null for internal ones. Throws Error.
  virtual void execute(void* const* tensors, void* workspace, Stream stream) = 0;
};

class Library {
 public:
  virtual ~Library() = default;
  /// Null: this graph has no plan here, and a smaller one has to serve; `why` is then cuDNN's reason.
  virtual std::unique_ptr<GraphPlan> build(const GraphDescription& graph, std::string& why) = 0;
};

}  // namespace strata::cuda
