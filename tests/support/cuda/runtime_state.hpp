// SPDX-License-Identifier: MIT
// What the functions of the stand-in runtime share. One lock is held during each call, work included.
#pragma once

#include "guarded_memory.hpp"
#include "recording_runtime.hpp"

#include <strata/core/error.hpp>

#include <memory>
#include <mutex>
#include <set>
#include <thread>

namespace strata::testing::device {

/// Work of a graph; `after`: nodes that it waits for.
struct Node {
  Work work;
  std::vector<int> after;
};

/// What is being captured. The numbers of a stream or an event in it are the nodes that whatever follows has to wait for.
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
};

namespace strata::testing::device {

/// Handles that were given out. A destroyed one is kept until the machine ends, so that no other takes its address.
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
  std::unique_ptr<Fault> loss;        ///< the device is to be lost
  cudaError_t lost = cudaSuccess;     ///< every call fails with it
  std::map<int, long> allocated, most_allocated;
  const Work* running = nullptr;
  std::vector<std::weak_ptr<Capture>> captures;

  void perform(Work& work);
  /// The failure that was asked for, if it is time.
  cudaError_t injected(const std::string& function);
  /// The stream of a handle; null is the legacy one. Null: no such stream.
  CUstream_st* stream(cudaStream_t handle);
  /// "", or why work may not touch it.
  std::string refusal(const Range& range) const;
  /// Into the stream, or into its capture.
  cudaError_t submit(cudaStream_t handle, Work work);
  /// What work that comes to the stream now has to wait for.
  std::vector<std::shared_ptr<Work>> before(CUstream_st& stream);
  void push(CUstream_st& stream, std::shared_ptr<Work> work);
  /// A call that captures of this thread, or of any, do not permit: they are invalidated.
  bool forbidden_by_capture();
  void violation(const std::string& what) { log.violations.push_back(what); }
};

State& state();

/// One call of the runtime: takes the lock, counts, and fails where that was asked for. Its `leave` notes an error for
/// cudaGetLastError.
class Entry {
 public:
  explicit Entry(const char* function, bool needs_device = true);
  cudaError_t refused() const { return error_; }
  /// Whether what gives something back has to return: on a lost device it gives back and fails all the same, as the log is to show
  /// what a program forgot.
  bool keeps() const { return error_ != cudaSuccess && error_ != state().lost; }
  cudaError_t leave(cudaError_t error) const;
  /// After work was waited for, in which the device may have failed.
  cudaError_t leave_finished() const { return leave(state().lost); }

 private:
  std::unique_lock<std::recursive_mutex> held_;
  cudaError_t error_ = cudaSuccess;
};

int& current_device();
cudaError_t& last_error();

}  // namespace strata::testing::device
