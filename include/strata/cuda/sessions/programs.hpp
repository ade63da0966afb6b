// SPDX-License-Identifier: MIT
// The programs of one plan, one per batch size: built on first use, captured as a CUDA graph on the first run, replayed
// from then on. They share one arena. Graphs are captured again if the arena grows or other batch norms keep their
// statistics.
#pragma once

#include <strata/cuda/runtime/memory_check.hpp>
#include <strata/cuda/sessions/program.hpp>

#include <algorithm>
#include <map>

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

  DeviceProgram& program(int batch) { return entry(batch).program; }

  /// Launches the program for the batch size, or only its forward half.
  void run(int batch, const Bindings& bindings, bool forward) {
    Entry& e = entry(batch);
    if (e.program.arena_bytes() > arena_.bytes()) {  // a smaller batch may need a larger workspace
      synchronize(device_.stream());
      arena_ = DeviceMemory();
      arena_ = DeviceMemory(e.program.arena_bytes());
      forget_graphs();
    }
    if (bindings.kept != kept_) {  // the set of launches depends on it
      synchronize(device_.stream());
      forget_graphs();
      kept_ = bindings.kept;
    }
    OwnedGraph& graph = e.captured[forward + 2 * bindings.images_are_bytes];
    if (!graph) {
      e.program.bind(arena_.data(), bindings);
      graph = capture(e.program, forward);
    }
    if (bindings.reducer) bindings.reducer->barrier();
    check(cudaGraphLaunch(graph.get(), device_.stream()), "cudaGraphLaunch");
  }

 private:
  struct Entry {
    DeviceProgram program;
    OwnedGraph captured[4];  ///< [forward half + 2 * images are bytes]
  };

  Entry& entry(int batch) {
    const auto found = entries_.find(batch);
    if (found != entries_.end()) return found->second;
    return entries_.try_emplace(batch, Entry{DeviceProgram(device_.library(), plan_, batch, precision_), {}})
        .first->second;
  }

  void forget_graphs() {
    for (auto& [images, entry] : entries_)
      for (OwnedGraph& graph : entry.captured) graph = {};
  }

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
  std::map<int, Entry> entries_;
  std::vector<unsigned char> kept_;  ///< when the graphs were captured
  DeviceMemory arena_;
};

}  // namespace strata::cuda
