// SPDX-License-Identifier: MIT
// One cuDNN graph on the stand-in device, run by the interpreter.
#pragma once

#include <doctest/doctest.h>
#include <strata/cuda/runtime/element.hpp>
#include <strata/reference/map.hpp>

#include <memory>
#include <random>
#include <string>
#include <vector>

#include "graph_executor.hpp"
#include "graph_interpreter.hpp"
#include "recording_runtime.hpp"

namespace strata::testing {

using reference::Doubles;

/// A graph with memory for its tensors; values are in the order [N][C][H][W].
class OnDevice {
 public:
  explicit OnDevice(const cuda::GraphDescription& graph, InterpreterOptions options = {}) : graph_(graph) {
    std::string why;
    plan_ = GraphInterpreter(std::move(options)).build(graph, why);
    REQUIRE(plan_);
    for (const cuda::GraphTensor& t : graph.tensors) {
      memory_.push_back(nullptr);
      if (t.flow != cuda::Flow::internal) REQUIRE(cudaMalloc(&memory_.back(), bytes(t)) == cudaSuccess);
    }
    if (plan_->workspace_bytes())
      REQUIRE(cudaMalloc(&workspace_, std::size_t(plan_->workspace_bytes())) == cudaSuccess);
  }
  OnDevice(const OnDevice&) = delete;
  ~OnDevice() {
    for (void* p : memory_) cudaFree(p);
    cudaFree(workspace_);
  }

  /// Fills a tensor with random numbers, and returns them as the tensor holds them.
  Doubles fill(int tensor, unsigned seed) {
    const cuda::GraphTensor& t = graph_.tensors[std::size_t(tensor)];
    std::vector<char> host(bytes(t), char(0xFF));
    std::mt19937 random(seed);
    std::uniform_real_distribution<float> number(-1, 1);
    Doubles out;
    cuda::with_element(t.element, [&](auto zero) {
      auto* to = reinterpret_cast<decltype(zero)*>(host.data());
      for_each(t, [&](long at) {
        cuda::assign(to[at], number(random));
        out.push_back(cuda::to_float(to[at]));
      });
    });
    REQUIRE(cudaMemcpy(memory_[std::size_t(tensor)], host.data(), host.size(), cudaMemcpyHostToDevice) == cudaSuccess);
    return out;
  }

  Doubles read(int tensor) const {
    const cuda::GraphTensor& t = graph_.tensors[std::size_t(tensor)];
    std::vector<char> host(bytes(t));
    REQUIRE(cudaMemcpy(host.data(), memory_[std::size_t(tensor)], host.size(), cudaMemcpyDeviceToHost) == cudaSuccess);
    Doubles out;
    cuda::with_element(t.element, [&](auto zero) {
      const auto* from = reinterpret_cast<const decltype(zero)*>(host.data());
      for_each(t, [&](long at) { out.push_back(cuda::to_float(from[at])); });
    });
    return out;
  }

  void run(cudaStream_t stream = nullptr) {
    plan_->execute(memory_.data(), workspace_, stream);
    REQUIRE(cudaDeviceSynchronize() == cudaSuccess);
  }
  void*& memory(int tensor) { return memory_[std::size_t(tensor)]; }
  cuda::GraphPlan& plan() { return *plan_; }

 private:
  static std::size_t bytes(const cuda::GraphTensor& t) { return std::size_t(cuda::extent_bytes(t)); }
  template <class Visit>
  static void for_each(const cuda::GraphTensor& t, Visit visit) {
    for (long n = 0; n < t.dims[0]; n++)
      for (long c = 0; c < t.dims[1]; c++)
        for (long h = 0; h < t.dims[2]; h++)
          for (long w = 0; w < t.dims[3]; w++)
            visit(n * t.strides[0] + c * t.strides[1] + h * t.strides[2] + w * t.strides[3]);
  }

  cuda::GraphDescription graph_;
  std::unique_ptr<cuda::GraphPlan> plan_;
  std::vector<void*> memory_;
  void* workspace_ = nullptr;
};

}  // namespace strata::testing
