// SPDX-License-Identifier: MIT
// A device that stands in for a GPU: the functions of CUDA's runtime that the back end calls, for programs that are
// linked with them instead of libcudart. The library's own kernels (launch.hpp) and the graphs of graph_interpreter.hpp
// run on it. It is as strict as CUDA permits a device to be:
//
// - Access to device memory is a fault from the host, around each allocation, and after it is freed; it starts as NaN.
// - Work waits in its stream and runs as late, or in as bad an order, as streams and events permit. The host memory of
//   an asynchronous copy is read or written when the copy runs.
// - Every device address in a copy, a fill or the arguments of a launch must be in a living allocation; host memory in
//   arguments must be pinned, and so must that of a captured copy.
// - A capture accepts what CUDA's accepts, and is invalidated by what invalidates CUDA's.
//
// Breaking a rule whose breach a real GPU might not report is a violation: it is noted in the log, whatever the call
// returns.
#pragma once

#include "work_queue.hpp"

#include <strata/cuda/runtime/library.hpp>

#include <cuda_runtime_api.h>

#include <map>
#include <string>
#include <vector>

namespace strata::testing::device {

struct Setup {
  int count = 1;                 ///< number of devices; 0: cudaErrorNoDevice
  long memory_bytes = 4L << 30;  ///< of each device
  long graph_bytes = 0;          ///< of it, what each instantiated graph takes for itself
  int driver_version = 13000;    ///< 0: no driver
  int major = 8, minor = 0;      ///< compute capability
  int processors = 108;
  Order order = Order::lazy;
  unsigned seed = 1;
};

struct Log {
  std::map<std::string, long> calls;  ///< by function of the runtime
  std::map<std::string, long> ran;    ///< kernels and cuDNN graphs that ran, by name
  std::vector<std::string> sequence;  ///< the same in the order in which they ran, with copies and fills
  long captures = 0, instantiations = 0, graph_launches = 0;
  long launches = 0;  ///< of kernels and cuDNN graphs into streams, captures included, replays not
  long bytes_to_device = 0, bytes_to_host = 0, bytes_within = 0;  ///< copied, when the copies run
  std::vector<std::string> violations;
};

/// Starts a new machine: nothing allocated, no streams, no injected faults, an empty log. Earlier handles and pointers
/// become invalid.
void begin(const Setup& setup = {});
const Log& log();
/// A copy of the log, for a program whose other threads use the machine meanwhile.
Log logged();
void clear_log();

/// The call of `function` after the next `after` fails with `error` and does nothing; later ones succeed again. In
/// addition to names of the runtime: "launch", any kernel or cuDNN graph; "launch NAME", that one; "run NAME", when it
/// runs: the error is then the device's from that time on, like CUDA's.
void fail_next(const std::string& function, cudaError_t error, long after = 0);
/// After `after` further calls of any runtime function, every call fails, and queued work is never done.
void lose_device(cudaError_t error = cudaErrorUnknown, long after = 0);

long living_allocations();       ///< of device memory
long living_host_allocations();  ///< pinned
long living_handles();           ///< streams, events, graphs, instantiated graphs
long allocated_bytes(int device = 0);
long most_allocated_bytes(int device = 0);

bool is_device_memory(const void* p);
/// Where an address lies, as text.
std::string describe(const void* p);

/// Queues work like a launch, and counts it by name. For work on the device other than the library's own kernels.
cudaError_t submit(cuda::Stream stream, const std::string& name, std::function<void()> body,
                   std::vector<Range> touches);
/// What a library does before a plan first runs: loads its code, which a capture may forbid like an allocation.
cudaError_t load();
void violation(const std::string& what);

}  // namespace strata::testing::device
