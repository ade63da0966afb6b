// SPDX-License-Identifier: MIT
// The programs of one plan, one per batch size: built on first use, captured as a CUDA graph on the first run, replayed
// from then on. They share one arena. Graphs are captured again if the arena grows or other batch norms keep their
// statistics.
//
// Where devices share a batch, a graph contains sums over all of them, and NCCL requires that all replay what they
// captured in the same step. Their parts of a batch differ by one image, and so may their workspaces. So a device keeps
// a graph for each size of the whole batch, and at the first step of every size all of them capture anew.
#pragma once

#include <strata/cuda/runtime/memory_check.hpp>
#include <strata/cuda/sessions/program.hpp>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

namespace strata::cuda {

class Programs {
 public:
  /// extra_bytes(n): device bytes needed in addition to the programs for batch sizes up to n. Throws Error if the
  /// device has no room.
  template <class ExtraBytes>
  Programs(Device& device, const PlanView& plan, Precision precision, int max_batch, ExtraBytes&& extra_bytes)
      : device_(device), plan_(plan), precision_(precision) {
    check_memory(max_batch, extra_bytes(0), [&](int n) { return program(n).arena_bytes() + extra_bytes(n); });
    arena_ = DeviceMemory(program(max_batch).arena_bytes());
  }

  DeviceProgram& program(int batch) {
    const auto found = programs_.find(batch);
    if (found != programs_.end()) return found->second;
    return programs_.try_emplace(batch, DeviceProgram(device_.library(), plan_, batch, precision_)).first->second;
  }

  /// Launches the program for the batch size, or only its forward half. shared: the size of the whole batch where
  /// devices share it, else 0.
  void run(int batch, int shared, const Bindings& bindings, bool forward) {
    DeviceProgram& of_batch = program(batch);
    if (of_batch.arena_bytes() > arena_.bytes()) {  // a smaller batch may need a larger workspace
      synchronize(device_.stream());
      arena_ = DeviceMemory();
      arena_ = DeviceMemory(of_batch.arena_bytes());
      forget_graphs();
    }
    const bool first_of_size = shared > 0 && shared_sizes_.insert(shared).second;
    if (first_of_size || bindings.kept != kept_) {  // the set of launches depends on what is kept
      synchronize(device_.stream());
      forget_graphs();
      kept_ = bindings.kept;
    }
    OwnedGraph& graph =
        graphs_[{shared > 0 ? shared : batch, forward, bindings.images_are_bytes, bindings.update != nullptr}];
    if (!graph) {
      of_batch.bind(arena_.data(), bindings);
      graph = capture(of_batch, forward);
    }
    if (bindings.reducer) bindings.reducer->barrier();
    check(cudaGraphLaunch(graph.get(), device_.stream()), "cudaGraphLaunch");
  }

  /// Destroys the graphs; a running one ends as it would.
  void forget_graphs() { graphs_.clear(); }

 private:
  /// What a graph was captured for.
  struct GraphKey {
    int images = 0;  ///< of the whole batch
    bool forward = false, images_are_bytes = false, updates = false;
    bool operator<(const GraphKey& other) const {
      return std::tie(images, forward, images_are_bytes, updates) <
             std::tie(other.images, other.forward, other.images_are_bytes, other.updates);
    }
  };

  OwnedGraph capture(const DeviceProgram& program, bool forward) {
    const Stream stream = device_.stream();
    check(cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal), "cudaStreamBeginCapture");
    cudaGraph_t graph = nullptr;
    try {
      program.launch(stream, forward);
    } catch (...) {
      ignore_failure(cudaStreamEndCapture(stream, &graph));
      if (graph) ignore_failure(cudaGraphDestroy(graph));
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
  std::map<int, DeviceProgram> programs_;  ///< by the device's own images
  std::map<GraphKey, OwnedGraph> graphs_;
  std::set<int> shared_sizes_;       ///< of the whole batches so far
  std::vector<unsigned char> kept_;  ///< when the graphs were captured
  DeviceMemory arena_;
};

}  // namespace strata::cuda
