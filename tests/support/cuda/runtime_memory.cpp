// SPDX-License-Identifier: MIT
// Allocations, copies and fills.
#include "runtime_state.hpp"

#include <algorithm>
#include <cstring>

namespace device = strata::testing::device;
using device::Entry;
using device::state;
using strata::core::sentence;

namespace {

cudaError_t allocate(device::GuardedMemory& memory, void** out, std::size_t bytes, int owner) {
  *out = bytes ? memory.allocate(long(bytes), owner) : nullptr;
  return *out || !bytes ? cudaSuccess : cudaErrorMemoryAllocation;
}

/// Frees memory. Work that still needs it is done first, as in CUDA, and is a violation, as a real device might not do
/// so.
cudaError_t release(const Entry& entry, device::GuardedMemory& memory, void* p) {
  device::State& s = state();
  if (!p) return entry.leave_finished();
  if (s.forbidden_by_capture()) return entry.leave(cudaErrorStreamCaptureUnsupported);
  const device::GuardedMemory::Block* b = memory.find(p, 1);
  if (b && b->begin == p) {
    if (const std::string* user = s.queue.user_of({b->begin, b->bytes})) {
      s.violation(sentence("memory was freed that ", *user, " in a stream still needs: ", memory.describe(p)));
      s.queue.finish_all();
    }
    if (&memory == &s.memory) s.allocated[b->owner] -= b->bytes;
  }
  if (const std::string wrong = memory.release(p); !wrong.empty()) {
    s.violation(wrong);
    return entry.leave(cudaErrorInvalidValue);
  }
  return entry.leave_finished();
}

struct Copy {
  void* to;
  const void* from;
  std::size_t bytes;
};

/// Makes the work of a copy; refuses addresses that contradict its kind.
cudaError_t make_copy(const char* name, const Copy& c, cudaMemcpyKind kind, device::Work& work) {
  device::State& s = state();
  const bool to_device = s.memory.owns(c.to), from_device = s.memory.owns(c.from);
  const bool agrees = kind == cudaMemcpyHostToDevice     ? to_device && !from_device
                      : kind == cudaMemcpyDeviceToHost   ? !to_device && from_device
                      : kind == cudaMemcpyDeviceToDevice ? to_device && from_device
                      : kind == cudaMemcpyHostToHost     ? !to_device && !from_device
                                                         : kind == cudaMemcpyDefault;
  if (!agrees) {
    s.violation(sentence(name, " of ", c.bytes, " bytes from ", s.memory.describe(c.from), " to ",
                         s.memory.describe(c.to), " was given the wrong direction"));
    return cudaErrorInvalidValue;
  }
  work.name = to_device     ? from_device ? "copy within" : "copy to device"
              : from_device ? "copy to host"
                            : "copy of host";
  work.touches = {{c.to, long(c.bytes)}, {c.from, long(c.bytes)}};
  work.body = [c, to_device, from_device] {
    device::Log& log = state().log;
    if (to_device || from_device)
      (to_device ? from_device ? log.bytes_within : log.bytes_to_device : log.bytes_to_host) += long(c.bytes);
    std::memmove(c.to, c.from, c.bytes);
  };
  return cudaSuccess;
}

cudaError_t make_fill(const char* name, void* to, int value, std::size_t bytes, device::Work& work) {
  if (!state().memory.owns(to)) {
    state().violation(sentence(name, " was given ", state().memory.describe(to)));
    return cudaErrorInvalidValue;
  }
  work.name = "fill";
  work.touches = {{to, long(bytes)}};
  work.body = [=] { std::memset(to, value, bytes); };
  return cudaSuccess;
}

}  // namespace

extern "C" {

cudaError_t cudaMalloc(void** out, std::size_t bytes) {
  const Entry entry("cudaMalloc");
  if (entry.refused() != cudaSuccess) return entry.refused();
  device::State& s = state();
  if (s.forbidden_by_capture()) return entry.leave(cudaErrorStreamCaptureUnsupported);
  if (!s.take(long(bytes))) return entry.leave(cudaErrorMemoryAllocation);
  const cudaError_t e = allocate(s.memory, out, bytes, device::current_device());
  if (e != cudaSuccess) s.allocated[device::current_device()] -= long(bytes);
  return entry.leave(e);
}

cudaError_t cudaFree(void* p) {
  const Entry entry("cudaFree");
  return entry.keeps() ? entry.refused() : release(entry, state().memory, p);
}

cudaError_t cudaHostAlloc(void** out, std::size_t bytes, unsigned) {
  const Entry entry("cudaHostAlloc");
  if (entry.refused() != cudaSuccess) return entry.refused();
  if (state().forbidden_by_capture()) return entry.leave(cudaErrorStreamCaptureUnsupported);
  return entry.leave(allocate(state().pinned, out, bytes, 0));
}

cudaError_t cudaMallocHost(void** out, std::size_t bytes) {
  const Entry entry("cudaMallocHost");
  if (entry.refused() != cudaSuccess) return entry.refused();
  if (state().forbidden_by_capture()) return entry.leave(cudaErrorStreamCaptureUnsupported);
  return entry.leave(allocate(state().pinned, out, bytes, 0));
}

cudaError_t cudaFreeHost(void* p) {
  const Entry entry("cudaFreeHost");
  return entry.keeps() ? entry.refused() : release(entry, state().pinned, p);
}

cudaError_t cudaMemGetInfo(std::size_t* available, std::size_t* total) {
  const Entry entry("cudaMemGetInfo");
  if (entry.refused() != cudaSuccess) return entry.refused();
  *total = std::size_t(state().setup.memory_bytes);
  *available = std::size_t(state().setup.memory_bytes - state().allocated[device::current_device()]);
  return cudaSuccess;
}

cudaError_t cudaMemcpyAsync(void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind, cudaStream_t stream) {
  const Entry entry("cudaMemcpyAsync");
  if (entry.refused() != cudaSuccess) return entry.refused();
  if (!bytes) return cudaSuccess;
  device::State& s = state();
  device::Work work;
  if (const cudaError_t e = make_copy("cudaMemcpyAsync", {to, from, bytes}, kind, work); e != cudaSuccess)
    return entry.leave(e);
  if (const CUstream_st* in = s.stream(stream); in && in->capture)
    for (const void* p : {static_cast<const void*>(to), from})
      if (!s.memory.owns(p) && !s.pinned.owns(p)) {
        s.violation("a copy was captured whose host memory is not pinned");
        in->capture->valid = false;
        return entry.leave(cudaErrorStreamCaptureUnsupported);
      }
  return entry.leave(s.submit(stream, std::move(work)));
}

cudaError_t cudaMemcpy(void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind) {
  const Entry entry("cudaMemcpy");
  if (entry.refused() != cudaSuccess) return entry.refused();
  if (!bytes) return cudaSuccess;
  if (state().forbidden_by_capture()) return entry.leave(cudaErrorStreamCaptureUnsupported);
  device::Work work;
  if (const cudaError_t e = make_copy("cudaMemcpy", {to, from, bytes}, kind, work); e != cudaSuccess)
    return entry.leave(e);
  if (const cudaError_t e = state().submit(nullptr, std::move(work)); e != cudaSuccess) return entry.leave(e);
  state().queue.finish(state().stream(nullptr)->tail);
  return entry.leave_finished();
}

cudaError_t cudaMemsetAsync(void* to, int value, std::size_t bytes, cudaStream_t stream) {
  const Entry entry("cudaMemsetAsync");
  if (entry.refused() != cudaSuccess) return entry.refused();
  if (!bytes) return cudaSuccess;
  device::Work work;
  if (const cudaError_t e = make_fill("cudaMemsetAsync", to, value, bytes, work); e != cudaSuccess)
    return entry.leave(e);
  return entry.leave(state().submit(stream, std::move(work)));
}

cudaError_t cudaMemset(void* to, int value, std::size_t bytes) {
  const Entry entry("cudaMemset");
  if (entry.refused() != cudaSuccess) return entry.refused();
  if (!bytes) return cudaSuccess;
  if (state().forbidden_by_capture()) return entry.leave(cudaErrorStreamCaptureUnsupported);
  device::Work work;
  if (const cudaError_t e = make_fill("cudaMemset", to, value, bytes, work); e != cudaSuccess) return entry.leave(e);
  return entry.leave(state().submit(nullptr, std::move(work)));
}

}  // extern "C"
