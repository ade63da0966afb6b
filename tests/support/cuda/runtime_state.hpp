// SPDX-License-Identifier: MIT
// The shared state of the stand-in runtime. One lock is held during each call, including its work.
#pragma once

#include "guarded_memory.hpp"
#include "recording_runtime.hpp"

#include <strata/core/error.hpp>

#include <memory>
#include <mutex>
#include <set>
#include <thread>

namespace strata::testing::device {

/// Work of a graph; `after`: the nodes that it waits for.
struct Node {
  Work work;
  std::vector<int> after;
};

/// A capture. The numbers that a stream or an event holds for it are the nodes for which subsequent work must wait.
struct Capture {
  cudaStream_t origin = nullptr;
  cudaStreamCaptureMode mode = cudaStreamCaptureModeGlobal;
  std::thread::id thread;
  std::vector<Node> nodes;
  bool valid = true, ended = false;
};

}  // namespace strata::testing::device

struct CUstream_st {
  int device = 0;
  bool blocking = false;
  std::shared_ptr<strata::testing::device::Work> tail;
  std::shared_ptr<strata::testing::device::Capture> capture;
  std::vector<int> captured_tail;
};

struct CUevent_st {
  bool timing = false;
  std::shared_ptr<strata::testing::device::Work> mark;
  std::shared_ptr<strata::testing::device::Capture> capture;
  std::vector<int> captured_tail;
};

struct CUgraph_st {
  std::vector<strata::testing::device::Node> nodes;
};

struct CUgraphExec_st {
  std::vector<strata::testing::device::Node> nodes;
  std::shared_ptr<strata::testing::device::Work> last;
  int device = 0;  ///< whose memory it takes
};

namespace strata::testing::device {

/// Handles that were handed out. Destroyed ones are kept until the machine ends, so that no other gets the same
/// address.
template <class Handle>
class Handles {
 public:
  Handle* make() {
    all_.push_back(std::make_unique<Handle>());
    alive_.insert(all_.back().get());
    return all_.back().get();
  }
  bool alive(const Handle* h) const { return alive_.count(h) != 0; }
  void destroy(Handle* h) { alive_.erase(h); }
  const std::set<const Handle*>& alive() const { return alive_; }
  void clear() { all_.clear(), alive_.clear(); }

 private:
  std::vector<std::unique_ptr<Handle>> all_;
  std::set<const Handle*> alive_;
};

struct Fault {
  cudaError_t error;
  long after;
};

struct State {
  State();

  std::recursive_mutex lock;
  Setup setup;
  Log log;
  GuardedMemory memory, pinned;
  WorkQueue queue;
  std::map<int, CUstream_st> legacy;  ///< the null stream of each device
  Handles<CUstream_st> streams;
  Handles<CUevent_st> events;
  Handles<CUgraph_st> graphs;
  Handles<CUgraphExec_st> execs;
  std::map<std::string, Fault> faults;
  std::unique_ptr<Fault> loss;     ///< an injected loss of the device
  cudaError_t lost = cudaSuccess;  ///< the error with which every call fails
  std::map<int, long> allocated, most_allocated;
  const Work* running = nullptr;
  std::vector<std::weak_ptr<Capture>> captures;

  void perform(Work& work);
  /// The failure to inject into this call, or cudaSuccess.
  cudaError_t injected(const std::string& function);
  /// The stream of a handle, where null is the legacy stream. Returns null where there is no such stream.
  CUstream_st* stream(cudaStream_t handle);
  /// "", or why work may not touch the range.
  std::string refusal(const Range& range) const;
  /// Adds work to the stream, or to its capture.
  cudaError_t submit(cudaStream_t handle, Work work);
  /// The work for which new work in the stream must wait.
  std::vector<std::shared_ptr<Work>> before(CUstream_st& stream);
  void push(CUstream_st& stream, std::shared_ptr<Work> work);
  /// Counts bytes of the current device as allocated. Returns false where it has no room for them.
  bool take(long bytes);
  /// Whether a capture of this thread, or of any, forbids the current call; such captures are invalidated.
  bool forbidden_by_capture();
  void violation(const std::string& what) { log.violations.push_back(what); }
};

State& state();

/// One call of the runtime: takes the lock, counts, and fails where a failure is injected. `leave` records an error for
/// cudaGetLastError.
class Entry {
 public:
  explicit Entry(const char* function, bool needs_device = true);
  cudaError_t refused() const { return error_; }
  /// Whether a releasing call must return without releasing. On a lost device it releases and fails all the same, so
  /// that the log shows what a program forgot.
  bool keeps() const { return error_ != cudaSuccess && error_ != state().lost; }
  cudaError_t leave(cudaError_t error) const;
  /// leave() after waiting for work, during which the device may have failed.
  cudaError_t leave_finished() const { return leave(state().lost); }

 private:
  std::unique_lock<std::recursive_mutex> held_;
  cudaError_t error_ = cudaSuccess;
};

int& current_device();
cudaError_t& last_error();

}  // namespace strata::testing::device
