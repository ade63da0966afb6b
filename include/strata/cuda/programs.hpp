// SPDX-License-Identifier: MIT
// The programs of one plan, one for each number of images that comes: built when it first comes, captured as a CUDA graph when
// it first runs, replayed from then on. They share one arena.
#pragma once

#include <strata/cuda/device.hpp>
#include <strata/cuda/program.hpp>

#include <algorithm>
#include <map>

namespace strata::cuda {

class Programs {
 public:
  /// beside: bytes of the device that the session takes for itself, of which `beside_image` for each image of the batch.
  Programs(Device& device, const PlanView& plan, Precision precision, int max_batch, long beside = 0, long beside_image = 0)
      : device_(device), plan_(plan), precision_(precision) {
    const DeviceProgram& largest = program(max_batch);
    const auto all_of = [&](const DeviceProgram& p) { return p.arena_bytes() + beside + p.batch() * beside_image; };
    const long needed = all_of(largest), free = Device::free_bytes();
    if (needed > free) {
      const long one = all_of(program(1));
      const long image = std::max(1L, (needed - one) / std::max(1, max_batch - 1));  // on the way from one to all
      const long fitting = free >= one ? std::min<long>(max_batch - 1, 1 + (free - one) / image) : 0;
      throw Error("CUDA: a batch of ", max_batch, " images needs ", (needed + (1 << 20) - 1) >> 20, " MB of the device's memory, of which ",
                  free >> 20, " MB are free; ",
                  fitting > 0 ? sentence("take a batch of at most about ", fitting, " images")
                              : std::string("even one image is too many: free some memory, or take another device"));
    }
    arena_ = DeviceMemory(largest.arena_bytes());
  }

  DeviceProgram& program(int batch) { return entry(batch).program; }

  /// Launches the whole program, or its forward half.
  void run(int batch, const Bindings& bindings, bool forward) {
    Entry& e = entry(batch);
    if (e.program.arena_bytes() > arena_.bytes()) {  // fewer images may ask for a larger workspace
      synchronize(device_.stream());
      arena_ = DeviceMemory();
      arena_ = DeviceMemory(e.program.arena_bytes());
      for (auto& [images, other] : entries_) for (OwnedGraph& graph : other.captured) graph = {};
    }
    OwnedGraph& graph = e.captured[forward + 2 * bindings.images_are_bytes];
    if (!graph) {
      e.program.bind(arena_.data(), bindings);
      graph = capture(e.program, forward);
    }
    if (bindings.reducer) bindings.reducer->meet();
    check(cudaGraphLaunch(graph.get(), device_.stream()), "cudaGraphLaunch");
  }

 private:
  struct Entry {
    DeviceProgram program;
    OwnedGraph captured[4];  ///< whole, forward half; of floats, of bytes
  };

  Entry& entry(int batch) {
    const auto found = entries_.find(batch);
    if (found != entries_.end()) return found->second;
    return entries_.try_emplace(batch, Entry{DeviceProgram(device_.library(), plan_, batch, precision_), {}}).first->second;
  }

  OwnedGraph capture(const DeviceProgram& program, bool forward) {
    const Stream stream = device_.stream();
    check(cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal), "cudaStreamBeginCapture");
    cudaGraph_t graph = nullptr;
    try {
      program.launch(stream, forward);
    } catch (...) {
      if (cudaStreamEndCapture(stream, &graph) == cudaSuccess && graph) (void)cudaGraphDestroy(graph);
      throw;
    }
    check(cudaStreamEndCapture(stream, &graph), "cudaStreamEndCapture");
    const Owned<cudaGraph_t, &cudaGraphDestroy> owned(graph);
    cudaGraphExec_t ready;
    check(cudaGraphInstantiate(&ready, graph, 0), "cudaGraphInstantiate");
    return OwnedGraph(ready);
  }

  Device& device_;
  PlanView plan_;
  Precision precision_;
  std::map<int, Entry> entries_;
  DeviceMemory arena_;
};

}  // namespace strata::cuda
