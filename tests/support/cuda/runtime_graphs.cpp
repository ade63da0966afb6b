// SPDX-License-Identifier: MIT
// Captures, and the graphs made from them. A launched graph is its nodes, each queued only with what it waits for, so
// that branches run in any order.
#include "runtime_state.hpp"

#include <algorithm>
#include <utility>

namespace device = strata::testing::device;
using device::Entry;
using device::state;

namespace {

/// Removes every stream from the capture. Returns whether all its work had been joined to the stream where it began.
bool leave_capture(const std::shared_ptr<device::Capture>& capture) {
  const std::size_t count = capture->nodes.size();
  std::vector<char> reached(count, 0);
  std::vector<int> stack = capture->origin->captured_tail;
  while (!stack.empty()) {
    const int n = stack.back();
    stack.pop_back();
    if (reached[std::size_t(n)]) continue;
    reached[std::size_t(n)] = 1;
    const std::vector<int>& after = capture->nodes[std::size_t(n)].after;
    stack.insert(stack.end(), after.begin(), after.end());
  }
  for (const CUstream_st* alive : state().streams.alive()) {
    CUstream_st* stream = const_cast<CUstream_st*>(alive);
    if (stream->capture != capture) continue;
    stream->capture = nullptr;
    stream->captured_tail.clear();
  }
  return std::all_of(reached.begin(), reached.end(), [](char r) { return r; });
}

device::Work fresh_copy(const device::Work& w) {
  device::Work copy;
  copy.name = w.name;
  copy.body = w.body;
  copy.touches = w.touches;
  copy.on_host = w.on_host;
  copy.counts = w.counts;
  copy.may_run = w.may_run;
  return copy;
}

}  // namespace

extern "C" {

cudaError_t cudaStreamBeginCapture(cudaStream_t handle, cudaStreamCaptureMode mode) {
  const Entry entry("cudaStreamBeginCapture");
  if (entry.refused() != cudaSuccess) return entry.refused();
  device::State& s = state();
  CUstream_st* stream = s.stream(handle);
  if (!stream) return entry.leave(cudaErrorInvalidResourceHandle);
  if (!handle || handle == cudaStreamLegacy) return entry.leave(cudaErrorStreamCaptureUnsupported);
  if (stream->capture) return entry.leave(cudaErrorInvalidValue);
  stream->capture = std::make_shared<device::Capture>();
  stream->capture->origin = handle;
  stream->capture->mode = mode;
  stream->capture->thread = std::this_thread::get_id();
  s.captures.push_back(stream->capture);
  s.log.captures++;
  return cudaSuccess;
}

cudaError_t cudaStreamIsCapturing(cudaStream_t handle, cudaStreamCaptureStatus* status) {
  const Entry entry("cudaStreamIsCapturing");
  if (entry.refused() != cudaSuccess) return entry.refused();
  const CUstream_st* stream = state().stream(handle);
  if (!stream) return entry.leave(cudaErrorInvalidResourceHandle);
  *status = !stream->capture         ? cudaStreamCaptureStatusNone
            : stream->capture->valid ? cudaStreamCaptureStatusActive
                                     : cudaStreamCaptureStatusInvalidated;
  return cudaSuccess;
}

cudaError_t cudaStreamEndCapture(cudaStream_t handle, cudaGraph_t* out) {
  *out = nullptr;
  const Entry entry("cudaStreamEndCapture");
  device::State& s = state();
  if (entry.refused() != cudaSuccess) {  // whatever is returned, the stream is no longer captured
    CUstream_st* const stream = s.stream(handle);
    if (stream && stream->capture && stream->capture->origin == handle) {
      const std::shared_ptr<device::Capture> capture = stream->capture;
      leave_capture(capture);
      capture->ended = true;
      capture->nodes.clear();
    }
    return entry.refused();
  }
  CUstream_st* stream = s.stream(handle);
  if (!stream) return entry.leave(cudaErrorInvalidResourceHandle);
  const std::shared_ptr<device::Capture> capture = stream->capture;
  if (!capture) return entry.leave(cudaErrorInvalidValue);
  if (capture->origin != handle) {
    capture->valid = false;
    return entry.leave(cudaErrorStreamCaptureUnmatched);
  }
  if (capture->mode != cudaStreamCaptureModeRelaxed && capture->thread != std::this_thread::get_id())
    return entry.leave(cudaErrorStreamCaptureWrongThread);
  const bool joined = leave_capture(capture);
  capture->ended = true;
  std::vector<device::Node> nodes = std::exchange(capture->nodes, {});  // events may keep the capture itself
  if (!capture->valid) return entry.leave(cudaErrorStreamCaptureInvalidated);
  if (!joined) return entry.leave(cudaErrorStreamCaptureUnjoined);
  *out = s.graphs.make();
  (*out)->nodes = std::move(nodes);
  return cudaSuccess;
}

cudaError_t cudaGraphInstantiate(cudaGraphExec_t* out, cudaGraph_t graph, unsigned long long) {
  const Entry entry("cudaGraphInstantiate");
  if (entry.refused() != cudaSuccess) return entry.refused();
  device::State& s = state();
  if (!s.graphs.alive(graph)) return entry.leave(cudaErrorInvalidValue);
  if (!s.take(s.setup.graph_bytes)) return entry.leave(cudaErrorMemoryAllocation);
  *out = s.execs.make();
  (*out)->nodes = graph->nodes;
  (*out)->device = device::current_device();
  s.log.instantiations++;
  return cudaSuccess;
}

cudaError_t cudaGraphLaunch(cudaGraphExec_t exec, cudaStream_t handle) {
  const Entry entry("cudaGraphLaunch");
  if (entry.refused() != cudaSuccess) return entry.refused();
  device::State& s = state();
  CUstream_st* stream = s.stream(handle);
  if (!stream || !s.execs.alive(exec)) return entry.leave(cudaErrorInvalidResourceHandle);
  if (stream->capture) {
    stream->capture->valid = false;
    return entry.leave(cudaErrorStreamCaptureUnsupported);
  }
  for (const device::Node& node : exec->nodes)
    for (const device::Range& r : node.work.touches)
      if (const std::string why = s.refusal(r); !why.empty()) {
        s.violation(strata::core::sentence("a graph was launched whose ", node.work.name, " was given ", why));
        return entry.leave(cudaErrorInvalidValue);
      }
  s.log.graph_launches++;
  std::vector<std::shared_ptr<device::Work>> first = s.before(*stream), made;
  if (exec->last && !exec->last->done) first.push_back(exec->last);  // a graph does not overlap with itself
  for (const device::Node& node : exec->nodes) {
    auto work = std::make_shared<device::Work>(fresh_copy(node.work));
    work->after = first;
    for (const int n : node.after) work->after.push_back(made[std::size_t(n)]);
    made.push_back(work);
    s.queue.add(work);
  }
  auto end = std::make_shared<device::Work>();
  end->after = made;
  if (made.empty()) end->after = first;
  s.push(*stream, end);
  exec->last = end;
  return cudaSuccess;
}

cudaError_t cudaGraphDestroy(cudaGraph_t graph) {
  const Entry entry("cudaGraphDestroy");
  if (entry.keeps()) return entry.refused();
  if (!state().graphs.alive(graph)) return entry.leave(cudaErrorInvalidValue);
  state().graphs.destroy(graph);
  graph->nodes.clear();
  return entry.leave_finished();
}

cudaError_t cudaGraphExecDestroy(cudaGraphExec_t exec) {
  const Entry entry("cudaGraphExecDestroy");
  if (entry.keeps()) return entry.refused();
  if (!state().execs.alive(exec)) return entry.leave(cudaErrorInvalidValue);
  state().execs.destroy(exec);
  state().allocated[exec->device] -= state().setup.graph_bytes;
  exec->nodes.clear();
  return entry.leave_finished();
}

}  // extern "C"
