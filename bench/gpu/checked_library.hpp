// SPDX-License-Identifier: MIT
// The library of the device, whose graphs can be compared, at each run, with the meaning of their description
// (tests/support/cuda/graph_executor.hpp) on the very inputs that the device has.
#pragma once

#include <strata/cuda/runtime/library.hpp>

#include <memory>
#include <string>
#include <vector>

namespace gpu_check {

/// The library that is checked, and what it calls itself: cuDNN (engine_cudnn.cpp), or what stands in for it.
std::unique_ptr<strata::cuda::Library> base_library();
std::string library_name();

/// How far the outputs of a graph were off when it ran.
struct GraphError {
  double error = 0;  ///< the largest difference, relative to the largest expected number of its tensor
  double bound = 0;  ///< what rounding explains
};

/// Compares graphs while it lives, in the order in which they run. Not while a stream is captured.
class Comparison {
 public:
  Comparison();
  ~Comparison();
  Comparison(const Comparison&) = delete;
  const std::vector<GraphError>& errors() const { return errors_; }
  void add(GraphError error) { errors_.push_back(error); }

 private:
  std::vector<GraphError> errors_;
};

/// Plans that were made or loaded by this process.
long plans_made();

/// "multiply+add+relu+convolution": the operations of a graph.
std::string operations_of(const strata::cuda::GraphDescription& graph);

}  // namespace gpu_check
