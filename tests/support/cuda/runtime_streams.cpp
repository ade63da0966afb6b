// SPDX-License-Identifier: MIT
// Streams and events. An event is a mark in a stream; waiting for it means waiting for all work before the mark.
#include "runtime_state.hpp"

namespace device = strata::testing::device;
using device::Entry;
using device::state;

namespace {

/// A mark after everything that is now in the stream.
std::shared_ptr<device::Work> mark(CUstream_st& stream) {
  auto work = std::make_shared<device::Work>();
  work->after = state().before(stream);
  state().push(stream, work);
  return work;
}

cudaError_t make_stream(cudaStream_t* out, unsigned flags) {
  *out = state().streams.make();
  (*out)->device = device::current_device();
  (*out)->blocking = !(flags & cudaStreamNonBlocking);
  return cudaSuccess;
}

cudaError_t make_event(cudaEvent_t* out, unsigned flags) {
  *out = state().events.make();
  (*out)->timing = !(flags & cudaEventDisableTiming);
  return cudaSuccess;
}

/// cudaSuccess, or why the host may not query the event.
cudaError_t check_event(cudaEvent_t event) {
  if (!state().events.alive(event)) {
    state().violation("an event was used that was destroyed or never existed");
    return cudaErrorInvalidResourceHandle;
  }
  if (event->capture) {
    event->capture->valid = false;
    return cudaErrorCapturedEvent;
  }
  return cudaSuccess;
}

/// The same for a stream.
cudaError_t check_stream(cudaStream_t handle, CUstream_st*& stream) {
  stream = state().stream(handle);
  if (!stream) return cudaErrorInvalidResourceHandle;
  if (!stream->capture) return cudaSuccess;
  stream->capture->valid = false;
  return cudaErrorStreamCaptureUnsupported;
}

}  // namespace

extern "C" {

cudaError_t cudaStreamCreateWithFlags(cudaStream_t* out, unsigned flags) {
  const Entry entry("cudaStreamCreateWithFlags");
  return entry.refused() != cudaSuccess ? entry.refused() : make_stream(out, flags);
}

cudaError_t cudaStreamCreate(cudaStream_t* out) {
  const Entry entry("cudaStreamCreate");
  return entry.refused() != cudaSuccess ? entry.refused() : make_stream(out, 0);
}

cudaError_t cudaStreamDestroy(cudaStream_t stream) {
  const Entry entry("cudaStreamDestroy");
  if (entry.keeps()) return entry.refused();
  if (!stream || !state().stream(stream)) return entry.leave(cudaErrorInvalidResourceHandle);
  if (stream->capture) {
    stream->capture->valid = false;
    state().violation("a stream was destroyed while it was captured");
  }
  state().streams.destroy(stream);  // its work stays queued
  return entry.leave_finished();
}

cudaError_t cudaStreamSynchronize(cudaStream_t handle) {
  const Entry entry("cudaStreamSynchronize");
  if (entry.refused() != cudaSuccess) return entry.refused();
  CUstream_st* stream;
  if (const cudaError_t e = check_stream(handle, stream); e != cudaSuccess) return entry.leave(e);
  state().queue.finish(stream->tail);
  return entry.leave_finished();
}

cudaError_t cudaStreamQuery(cudaStream_t handle) {
  const Entry entry("cudaStreamQuery");
  if (entry.refused() != cudaSuccess) return entry.refused();
  CUstream_st* stream;
  if (const cudaError_t e = check_stream(handle, stream); e != cudaSuccess) return entry.leave(e);
  if (!stream->tail || stream->tail->done) return cudaSuccess;
  state().queue.step(stream->tail);
  return entry.leave(state().lost != cudaSuccess ? state().lost : cudaErrorNotReady);
}

cudaError_t cudaStreamWaitEvent(cudaStream_t handle, cudaEvent_t event, unsigned) {
  const Entry entry("cudaStreamWaitEvent");
  if (entry.refused() != cudaSuccess) return entry.refused();
  CUstream_st* stream = state().stream(handle);
  if (!stream || !state().events.alive(event)) return entry.leave(cudaErrorInvalidResourceHandle);
  if (event->capture) {
    if (event->capture->ended || !event->capture->valid) return entry.leave(cudaErrorStreamCaptureInvalidated);
    if (stream->capture && stream->capture != event->capture) {
      stream->capture->valid = event->capture->valid = false;
      return entry.leave(cudaErrorStreamCaptureMerge);
    }
    stream->capture = event->capture;  // from now on this stream is captured as well
    stream->captured_tail.insert(stream->captured_tail.end(), event->captured_tail.begin(), event->captured_tail.end());
    return cudaSuccess;
  }
  if (stream->capture) {
    if (!event->mark) return cudaSuccess;
    stream->capture->valid = false;
    return entry.leave(cudaErrorStreamCaptureIsolation);
  }
  if (event->mark && !event->mark->done) mark(*stream)->after.push_back(event->mark);
  return cudaSuccess;
}

cudaError_t cudaEventCreateWithFlags(cudaEvent_t* out, unsigned flags) {
  const Entry entry("cudaEventCreateWithFlags");
  return entry.refused() != cudaSuccess ? entry.refused() : make_event(out, flags);
}

cudaError_t cudaEventCreate(cudaEvent_t* out) {
  const Entry entry("cudaEventCreate");
  return entry.refused() != cudaSuccess ? entry.refused() : make_event(out, 0);
}

cudaError_t cudaEventDestroy(cudaEvent_t event) {
  const Entry entry("cudaEventDestroy");
  if (entry.keeps()) return entry.refused();
  if (!state().events.alive(event)) return entry.leave(cudaErrorInvalidResourceHandle);
  state().events.destroy(event);
  return entry.leave_finished();
}

cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t handle) {
  const Entry entry("cudaEventRecord");
  if (entry.refused() != cudaSuccess) return entry.refused();
  CUstream_st* stream = state().stream(handle);
  if (!stream || !state().events.alive(event)) return entry.leave(cudaErrorInvalidResourceHandle);
  if (stream->capture && !stream->capture->valid) return entry.leave(cudaErrorStreamCaptureInvalidated);
  event->capture = stream->capture;
  event->captured_tail = stream->captured_tail;
  event->mark = stream->capture ? nullptr : mark(*stream);
  return cudaSuccess;
}

cudaError_t cudaEventSynchronize(cudaEvent_t event) {
  const Entry entry("cudaEventSynchronize");
  if (entry.refused() != cudaSuccess) return entry.refused();
  if (const cudaError_t e = check_event(event); e != cudaSuccess) return entry.leave(e);
  state().queue.finish(event->mark);
  return entry.leave_finished();
}

cudaError_t cudaEventQuery(cudaEvent_t event) {
  const Entry entry("cudaEventQuery");
  if (entry.refused() != cudaSuccess) return entry.refused();
  if (const cudaError_t e = check_event(event); e != cudaSuccess) return entry.leave(e);
  if (state().forbidden_by_capture()) return entry.leave(cudaErrorStreamCaptureUnsupported);
  if (!event->mark || event->mark->done) return cudaSuccess;
  state().queue.step(event->mark);
  return entry.leave(state().lost != cudaSuccess ? state().lost : cudaErrorNotReady);
}

cudaError_t cudaEventElapsedTime(float* milliseconds, cudaEvent_t begin, cudaEvent_t end) {
  const Entry entry("cudaEventElapsedTime");
  if (entry.refused() != cudaSuccess) return entry.refused();
  for (const cudaEvent_t event : {begin, end}) {
    if (const cudaError_t e = check_event(event); e != cudaSuccess) return entry.leave(e);
    if (!event->timing || !event->mark) return entry.leave(cudaErrorInvalidResourceHandle);
    if (!event->mark->done) return cudaErrorNotReady;
  }
  *milliseconds = std::chrono::duration<float, std::milli>(end->mark->when - begin->mark->when).count();
  return cudaSuccess;
}

cudaError_t cudaLaunchHostFunc(cudaStream_t stream, cudaHostFn_t function, void* data) {
  const Entry entry("cudaLaunchHostFunc");
  if (entry.refused() != cudaSuccess) return entry.refused();
  device::Work work;
  work.name = "host function";
  work.body = [=] { function(data); };
  work.on_host = true;
  return entry.leave(state().submit(stream, std::move(work)));
}

}  // extern "C"
