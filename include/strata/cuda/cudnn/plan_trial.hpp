// SPDX-License-Identifier: MIT
// cuDNN proposes several plans for a graph, the most promising first, from heuristics. Where plans are kept, the first
// few are timed on the device, and the fastest is kept with its time. What is not kept is not timed: times differ from
// run to run, and another plan rounds differently, so a training would not give the same bits twice.
#pragma once

#include <strata/cuda/runtime/description.hpp>
#include <strata/cuda/runtime/runtime.hpp>

#include <algorithm>
#include <optional>
#include <vector>

namespace strata::cuda::cudnn {

/// The plan that won, of `tried` that ran; -1: none ran.
struct TimedPlan {
  int plan = -1, tried = 0;
  float milliseconds = 0;
};

/// Times the first `most` of plans 0 ... count - 1 that run, in their order. time(i): the milliseconds of plan i, or
/// none if it does not build or run. A later plan has to be 3 % faster than the best before it: the order is
/// cuDNN's opinion, and a tie must not be decided by noise.
template <class Time>
TimedPlan fastest_plan(int count, int most, Time&& time) {
  TimedPlan best;
  for (int i = 0; i < count && best.tried < most; i++) {
    const std::optional<float> milliseconds = time(i);
    if (!milliseconds) continue;
    best.tried++;
    if (best.plan < 0 || *milliseconds < 0.97f * best.milliseconds) best.plan = i, best.milliseconds = *milliseconds;
  }
  return best;
}

/// Memory in which plans of one graph are tried, and a stream of its own.
class PlanTrial {
 public:
  /// Zeros for each stored tensor. Throws Error if the device has no room.
  explicit PlanTrial(const GraphDescription& graph)
      : stream_(make_stream()), begun_(make_timer()), ended_(make_timer()) {
    for (const GraphTensor& tensor : graph.tensors) {
      memory_.emplace_back(tensor.flow == Flow::internal ? 0 : extent_bytes(tensor));
      tensors_.push_back(memory_.back().data());
      if (tensors_.back())
        check(cudaMemsetAsync(tensors_.back(), 0, std::size_t(memory_.back().bytes()), stream_.get()),
              "cudaMemsetAsync");
    }
  }

  /// The median milliseconds of five runs, after one that does not count; none if a run fails or its workspace has no
  /// room. run(tensors, workspace, stream): enqueues the plan, returns whether cuDNN accepted it.
  template <class Run>
  std::optional<float> milliseconds(long workspace_bytes, Run&& run) {
    try {
      const DeviceMemory workspace(workspace_bytes);
      std::vector<float> times;
      for (int i = 0; i < 6; i++) {
        check(cudaEventRecord(begun_.get(), stream_.get()), "cudaEventRecord");
        if (!run(tensors_.data(), static_cast<void*>(workspace.data()), stream_.get())) {
          synchronize(stream_.get());  // the workspace goes
          return {};
        }
        check(cudaEventRecord(ended_.get(), stream_.get()), "cudaEventRecord");
        synchronize(stream_.get());
        float milliseconds = 0;
        check(cudaEventElapsedTime(&milliseconds, begun_.get(), ended_.get()), "cudaEventElapsedTime");
        if (i > 0) times.push_back(milliseconds);
      }
      std::nth_element(times.begin(), times.begin() + 2, times.end());
      return times[2];
    } catch (const Error&) {
      return {};
    }
  }

 private:
  OwnedStream stream_;
  OwnedEvent begun_, ended_;
  std::vector<DeviceMemory> memory_;
  std::vector<void*> tensors_;
};

}  // namespace strata::cuda::cudnn
