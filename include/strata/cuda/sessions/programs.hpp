// SPDX-License-Identifier: MIT
// The programs of one plan, one per batch size: built on first use or beforehand, captured as a CUDA graph on the first
// run, replayed from then on; in eager mode (runtime/eager.hpp) each run launches it step by step. They share one
// arena. Graphs are captured again if the arena grows or other batch norms keep their statistics.
//
// Where devices share a batch, a graph contains sums over all of them, and NCCL requires that all replay what they
// captured in the same step. Their parts of a batch differ by one image, and so may their workspaces. So a device keeps
// a graph for each size of the whole batch, and at the first step of every size all of them capture anew.
#pragma once

#include <strata/cuda/planning/element_count.hpp>
#include <strata/cuda/runtime/eager.hpp>
#include <strata/cuda/runtime/memory_check.hpp>
#include <strata/cuda/sessions/program.hpp>

#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <span>
#include <tuple>

namespace strata::cuda {

class Programs {
 public:
  /// sizes: batch sizes up to max_batch whose programs are built now rather than on first use. extra_bytes(n): device
  /// bytes needed in addition to the programs for batch sizes up to n; called as long as this lives. Throws Error if
  /// the device has no room, or a tensor would have more elements than cuDNN can count.
  Programs(const Device& device, const PlanView& plan, Precision precision, int max_batch,
           const std::vector<int>& sizes, std::function<long(int)> extra_bytes)
      : device_(device),
        plan_(plan),
        precision_(precision),
        max_batch_(max_batch),
        extra_bytes_(std::move(extra_bytes)),
        eager_(eager()) {
    check_elements(plan, max_batch);
    const auto check = [&] {
      check_memory(max_batch, extra_bytes_(0), [&](int n) {
        return (n == max_batch ? largest_arena(n) : program(n).arena_bytes()) + extra_bytes_(n);
      });
    };
    (void)program(max_batch);
    check();  // before other sizes are planned
    for (const int size : sizes) (void)program(size);
    check();
    arena_ = DeviceMemory(largest_arena(max_batch));
  }

  DeviceProgram& program(int batch) {
    const auto found = programs_.find(batch);
    if (found != programs_.end()) return found->second;
    return programs_.try_emplace(batch, DeviceProgram(device_.library(), plan_, batch, precision_)).first->second;
  }

  /// Launches the program for the batch size, or only its forward half. shared: the size of the whole batch where
  /// devices share it, else 0.
  void run(int batch, int shared, const Bindings& bindings, bool forward) {
    try {
      launch(batch, shared, bindings, forward);
    } catch (const OutOfMemory& error) {
      int fitting = 0;
      try {
        fitting = smaller_batch();
      } catch (const Error&) {  // the device does not even say how much is free
      }
      throw Error(error.what(), fitting > 0 ? core::sentence(", of at most ", fitting, " images",
                                                             shared > 0 ? " for each device" : "")
                                            : std::string());
    }
  }

  /// How long the steps of the last run took; empty unless it was eager.
  std::span<const StepTime> times() const { return last_ ? last_->times() : std::span<const StepTime>(); }

  /// Destroys the graphs; a running one ends as it would.
  void forget_graphs() { graphs_.clear(); }

 private:
  /// What a graph was captured for.
  struct GraphKey {
    int images = 0;  ///< of the whole batch
    bool forward = false;
    unsigned images_are_bytes = 0;  ///< bit s: those of source s
    bool updates = false;
    bool operator<(const GraphKey& other) const {
      return std::tie(images, forward, images_are_bytes, updates) <
             std::tie(other.images, other.forward, other.images_are_bytes, other.updates);
    }
  };

  /// Of the programs so far for up to n images: a smaller batch may need a larger workspace.
  long largest_arena(int n) const {
    long bytes = 0;
    for (const auto& [batch, program] : programs_)
      if (batch <= n) bytes = std::max(bytes, program.arena_bytes());
    return bytes;
  }

  /// The largest batch that a session instead of this one would have room for, estimated from the program of the
  /// largest so far; 0: none.
  int smaller_batch() const {
    const DeviceProgram& known = programs_.at(max_batch_);
    const long room = available_bytes() + arena_.bytes() + extra_bytes_(max_batch_);
    int fits = 0;
    for (int exceeds = max_batch_; exceeds - fits > 1;) {
      const int n = fits + (exceeds - fits) / 2;
      (known.arena_bytes_of(n) + extra_bytes_(n) <= room ? fits : exceeds) = n;
    }
    return fits;
  }

  void launch(int batch, int shared, const Bindings& bindings, bool forward) {
    DeviceProgram& of_batch = program(batch);
    if (of_batch.arena_bytes() > arena_.bytes()) {  // of a size that was not known beforehand
      synchronize(device_.stream());
      arena_ = DeviceMemory();
      arena_ = DeviceMemory(of_batch.arena_bytes());
      forget_graphs();
    }
    last_ = &of_batch;
    if (eager_) {
      of_batch.bind(arena_.data(), bindings);
      if (bindings.reducer) bindings.reducer->barrier();
      return of_batch.launch_eagerly(device_.stream(), forward);
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

  OwnedGraph capture(const DeviceProgram& program, bool forward) {
    const Stream stream = device_.stream();
    // Relaxed, since the first launch of a plan or a kernel may load its code.
    check(cudaStreamBeginCapture(stream, cudaStreamCaptureModeRelaxed), "cudaStreamBeginCapture");
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

  Device device_;
  PlanView plan_;
  Precision precision_;
  int max_batch_;
  std::function<long(int)> extra_bytes_;  ///< for a batch, beside the arena
  bool eager_;
  const DeviceProgram* last_ = nullptr;    ///< that ran
  std::map<int, DeviceProgram> programs_;  ///< by the device's own images
  std::map<GraphKey, OwnedGraph> graphs_;
  std::set<int> shared_sizes_;       ///< of the whole batches so far
  std::vector<unsigned char> kept_;  ///< when the graphs were captured
  DeviceMemory arena_;
};

}  // namespace strata::cuda
