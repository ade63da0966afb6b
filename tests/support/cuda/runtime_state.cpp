// SPDX-License-Identifier: MIT
#include "runtime_state.hpp"

#include <strata/cuda/runtime/launch.hpp>

#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstdio>
#include <exception>

namespace strata::testing::device {

namespace {

// Upper halves that no pair of ints in a kernel's arguments is likely to form, since arguments are searched for
// addresses.
constexpr std::uintptr_t device_address = 0x3B7D'0000'0000, pinned_address = 0x3BFD'0000'0000;
constexpr long reserved_bytes = 256L << 30;

struct sigaction former_action;
std::atomic<bool> explaining{false};

/// Reports what touched memory that it may not touch, and leaves the rest to the previous handler of faults.
void explain_fault(int, siginfo_t* info, void*) {
  ::sigaction(SIGSEGV, &former_action, nullptr);
  State& s = state();
  const void* p = info->si_addr;
  if (!explaining.exchange(true) && (s.memory.owns(p) || s.pinned.owns(p))) {
    char where[200], said[400];
    (s.memory.owns(p) ? s.memory : s.pinned).describe(p, where, sizeof where);
    const int length = std::snprintf(said, sizeof said, "stand-in device: %s touched %s\n",
                                     s.running ? s.running->name.c_str() : "the host", where);
    if (::write(2, said, std::size_t(length)) < 0) return;
  }
}

/// Whether a word of a kernel's arguments is a host address: of a mapped page, above everything that sanitizers map for
/// themselves. Only with compilers that clear the padding in arguments, which otherwise holds parts of old addresses.
bool is_host_address([[maybe_unused]] const void* p) {
#if defined(__has_builtin)
#if __has_builtin(__builtin_clear_padding)
  static const std::uintptr_t page = std::uintptr_t(::sysconf(_SC_PAGESIZE));
  const auto at = reinterpret_cast<std::uintptr_t>(p);
  unsigned char resident;
  return at >= 0x5000'0000'0000 && at < 0x8000'0000'0000 &&
         ::mincore(reinterpret_cast<void*>(at / page * page), 1, &resident) == 0;
#endif
#endif
  return false;
}

}  // namespace

State::State()
    : memory("device memory", reinterpret_cast<char*>(device_address), reserved_bytes, true),
      pinned("pinned memory", reinterpret_cast<char*>(pinned_address), reserved_bytes, false),
      queue([this](Work& work) { perform(work); }, [this] { memory.close(); }) {}

State& state() {
  static State* const s = new State;  // never deleted: outlives all destructors that free memory
  return *s;
}

int& current_device() {
  thread_local int device = 0;
  return device;
}
cudaError_t& last_error() {
  thread_local cudaError_t error = cudaSuccess;
  return error;
}

Entry::Entry(const char* function, bool needs_device) : held_(state().lock) {
  State& s = state();
  s.log.calls[function]++;
  if (s.running)
    s.violation(core::sentence(function, " was called by ", s.running->name, " while it ran on the device"));
  if (s.loss && s.loss->after-- <= 0) {
    s.lost = s.loss->error;
    s.loss.reset();
  }
  if (s.lost != cudaSuccess) s.queue.drop();
  if (needs_device) {
    if (s.setup.driver_version == 0) error_ = cudaErrorInsufficientDriver;
    else if (s.setup.count == 0) error_ = cudaErrorNoDevice;
    else error_ = s.lost;
  }
  if (error_ == cudaSuccess) error_ = s.injected(function);
  if (error_ != cudaSuccess) last_error() = error_;
  if (error_ == cudaSuccess) s.queue.pass();
}

cudaError_t Entry::leave(cudaError_t error) const {
  if (error != cudaSuccess && error != cudaErrorNotReady) last_error() = error;
  return error;
}

cudaError_t State::injected(const std::string& function) {
  const auto found = faults.find(function);
  if (found == faults.end() || found->second.after-- > 0) return cudaSuccess;
  const cudaError_t error = found->second.error;
  faults.erase(found);
  return error;
}

CUstream_st* State::stream(cudaStream_t handle) {
  if (handle == nullptr || handle == cudaStreamLegacy) {
    CUstream_st& s = legacy[current_device()];
    s.device = current_device();
    return &s;
  }
  if (streams.alive(handle)) return handle;
  violation("a stream was used that was destroyed or never existed");
  return nullptr;
}

std::string State::refusal(const Range& range) const {
  for (const GuardedMemory* m : {&memory, &pinned})
    if (m->owns(range.data) && !m->find(range.data, range.bytes))
      return core::sentence(range.bytes, " bytes from ", m->describe(range.data));
  return "";
}

void State::perform(Work& work) {
  if (lost != cudaSuccess || !work.body) return;
  for (const Range& r : work.touches)
    if (const std::string why = refusal(r); !why.empty()) {
      violation(core::sentence(work.name, " ran after memory that it uses was freed: ", why));
      lost = cudaErrorIllegalAddress;
      return;
    }
  if (work.counts) {
    if (const cudaError_t e = injected("run " + work.name); e != cudaSuccess) {
      lost = e;
      return;
    }
    log.ran[work.name]++;
  }
  log.sequence.push_back(work.name);
  running = &work;
  work.on_host ? memory.close() : memory.open();
  try {
    work.body();
  } catch (const std::exception& error) {
    violation(core::sentence(work.name, " failed on the device: ", error.what()));
    lost = cudaErrorLaunchFailure;
  }
  running = nullptr;
}

std::vector<std::shared_ptr<Work>> State::before(CUstream_st& s) {
  std::vector<std::shared_ptr<Work>> out;
  const auto take = [&](const CUstream_st& other) {
    if (other.tail && !other.tail->done) out.push_back(other.tail);
  };
  take(s);
  CUstream_st& null_stream = legacy[s.device];
  if (&s == &null_stream) {
    for (const CUstream_st* other : streams.alive())
      if (other->blocking && other->device == s.device) take(*other);
  } else if (s.blocking) {
    take(null_stream);
  }
  return out;
}

void State::push(CUstream_st& s, std::shared_ptr<Work> work) {
  s.tail = work;
  queue.add(std::move(work));
}

bool State::take(long bytes) {
  long &used = allocated[current_device()], &most = most_allocated[current_device()];
  if (bytes > setup.memory_bytes - used) return false;
  used += bytes;
  most = std::max(most, used);
  return true;
}

bool State::forbidden_by_capture() {
  bool found = false;
  for (const auto& weak : captures)
    if (const auto c = weak.lock(); c && !c->ended) {
      const bool concerns = c->mode == cudaStreamCaptureModeGlobal ||
                            (c->mode == cudaStreamCaptureModeThreadLocal && c->thread == std::this_thread::get_id());
      if (!concerns) continue;
      c->valid = false;
      found = true;
    }
  return found;
}

cudaError_t State::submit(cudaStream_t handle, Work work) {
  CUstream_st* s = stream(handle);
  if (!s) return cudaErrorInvalidResourceHandle;
  for (const Range& r : work.touches)
    if (const std::string why = refusal(r); !why.empty()) {
      violation(core::sentence(work.name, " was given ", why));
      return cudaErrorInvalidValue;
    }
  if (s->capture) {
    if (!s->capture->valid) return cudaErrorStreamCaptureInvalidated;
    std::vector<Node>& nodes = s->capture->nodes;
    nodes.push_back({std::move(work), s->captured_tail});
    s->captured_tail = {int(nodes.size()) - 1};
    return cudaSuccess;
  }
  if (s == &legacy[s->device])
    for (const CUstream_st* other : streams.alive())
      if (other->capture && other->blocking) {
        other->capture->valid = false;
        return cudaErrorStreamCaptureImplicit;
      }
  auto queued = std::make_shared<Work>(std::move(work));
  queued->after = before(*s);
  push(*s, std::move(queued));
  return cudaSuccess;
}

void begin(const Setup& setup) {
  State& s = state();
  const std::lock_guard held(s.lock);
  s.queue.begin(setup.order, setup.seed);
  s.legacy.clear();
  s.streams.clear();
  s.events.clear();
  s.graphs.clear();
  s.execs.clear();
  for (GuardedMemory* m : {&s.memory, &s.pinned}) {
    std::vector<void*> living;
    for (const auto& [pages, b] : m->blocks())
      if (b.alive) living.push_back(b.begin);
    for (void* p : living) m->release(p);
  }
  s.faults.clear();
  s.loss.reset();
  s.lost = cudaSuccess;
  s.allocated.clear();
  s.most_allocated.clear();
  s.captures.clear();
  s.setup = setup;
  s.log = {};
  current_device() = 0;
  last_error() = cudaSuccess;
  struct sigaction present;
  if (::sigaction(SIGSEGV, nullptr, &present) == 0 && present.sa_sigaction != explain_fault) {
    former_action = present;
    struct sigaction action = {};
    action.sa_sigaction = explain_fault;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK;
    ::sigaction(SIGSEGV, &action, nullptr);
  }
}

const Log& log() { return state().log; }
Log logged() {
  const std::lock_guard held(state().lock);
  return state().log;
}
void clear_log() { state().log = {}; }
void fail_next(const std::string& function, cudaError_t error, long after) {
  state().faults[function] = {error, after};
}
void lose_device(cudaError_t error, long after) { state().loss = std::make_unique<Fault>(Fault{error, after}); }

namespace {
long living(const GuardedMemory& m) {
  long n = 0;
  for (const auto& [pages, b] : m.blocks()) n += b.alive;
  return n;
}
}  // namespace

long living_allocations() { return living(state().memory); }
long living_host_allocations() { return living(state().pinned); }
long living_handles() {
  const State& s = state();
  return long(s.streams.alive().size() + s.events.alive().size() + s.graphs.alive().size() + s.execs.alive().size());
}
long allocated_bytes(int device) { return state().allocated[device]; }
long most_allocated_bytes(int device) { return state().most_allocated[device]; }

bool is_device_memory(const void* p) { return state().memory.owns(p); }
std::string describe(const void* p) {
  return state().pinned.owns(p) ? state().pinned.describe(p) : state().memory.describe(p);
}

void violation(const std::string& what) {
  const std::lock_guard held(state().lock);
  state().violation(what);
}

cudaError_t load() {
  const Entry entry("load");
  if (entry.refused() != cudaSuccess) return entry.refused();
  return entry.leave(state().forbidden_by_capture() ? cudaErrorStreamCaptureUnsupported : cudaSuccess);
}

cudaError_t submit(cuda::Stream stream, const std::string& name, std::function<void()> body,
                   std::vector<Range> touches) {
  const Entry entry("launch");
  if (entry.refused() != cudaSuccess) return entry.refused();
  State& s = state();
  if (const cudaError_t e = s.injected("launch " + name); e != cudaSuccess) return entry.leave(e);
  s.log.launches++;
  Work work;
  work.name = name;
  work.body = std::move(body);
  work.touches = std::move(touches);
  work.counts = true;
  return entry.leave(s.submit(stream, std::move(work)));
}

}  // namespace strata::testing::device

namespace strata::cuda {

namespace device = strata::testing::device;

void launch_on_host(Stream stream, const char* name, std::function<void()> work, const void* arguments, long bytes) {
  device::State& s = device::state();
  std::unique_lock held(s.lock);
  std::vector<device::Range> touches;
  const char* at = static_cast<const char*>(arguments);
  for (long i = 0; i + long(sizeof(void*)) <= bytes; i += long(alignof(void*))) {
    const void* p;
    __builtin_memcpy(&p, at + i, sizeof p);
    if (s.memory.looks_allocated(p) || s.pinned.looks_allocated(p)) touches.push_back({p, 0});
    else if (!s.memory.owns(p) && !s.pinned.owns(p) && device::is_host_address(p))
      device::violation(core::sentence(name, " was given host memory that is not pinned, in bytes ", i, " to ",
                                       i + long(sizeof p), " of its arguments"));
  }
  device::submit(stream, name, std::move(work), std::move(touches));
  held.unlock();
  check_launch(name);
}

}  // namespace strata::cuda
