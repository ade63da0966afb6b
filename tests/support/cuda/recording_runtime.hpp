// SPDX-License-Identifier: MIT
// A device that stands in for a GPU: the functions of CUDA's runtime that the back end calls, for a program that is linked with
// these instead of libcudart. Own kernels (launch.hpp) and the graphs of graph_interpreter.hpp run on it. It is as strict as CUDA
// permits a device to be:
//
// - Device memory is a fault for the host, around each allocation, and after it is freed; it begins as numbers that are none.
// - Work waits in its stream and runs as late, or in as bad an order, as streams and events leave open. Host memory of an
//   asynchronous copy is read or written when the copy runs.
// - Every address of the device in a copy, a fill or the arguments of a launch has to be one of a living allocation; host memory
//   in arguments has to be pinned, and so has that of a captured copy.
// - A capture takes what CUDA's takes, and is invalidated by what invalidates CUDA's.
//
// What breaks a rule that a real GPU might not report is a violation: noted in the log, whatever the call returns.
#pragma once

#include "work_queue.hpp"

#include <strata/cuda/library.hpp>

#include <cuda_runtime_api.h>

#include <map>
#include <string>
#include <vector>

namespace strata::testing::device {

struct Setup {
  int count = 1;                     ///< of devices; 0: cudaErrorNoDevice
  long memory_bytes = 4L << 30;      ///< of each device
  int driver_version = 13000;        ///< 0: no driver
  int major = 8, minor = 0;          ///< compute capability
  int processors = 108;
  Order order = Order::lazy;
  unsigned seed = 1;
};

struct Log {
  std::map<std::string, long> calls;        ///< of each function of the runtime
  std::map<std::string, long> ran;          ///< kernels and cuDNN graphs that ran, by name
  std::vector<std::string> sequence;        ///< the same, in the order in which they ran; copies and fills too
  long captures = 0, instantiations = 0, graph_launches = 0;
  long launches = 0;                        ///< of kernels and cuDNN graphs into streams, captures included, replays not
  long bytes_to_device = 0, bytes_to_host = 0, bytes_within = 0;  ///< copied, when the copies run
  std::vector<std::string> violations;
};

/// A machine that was just started: nothing allocated, no streams, no faults to come, an empty log. Handles and pointers of before
/// are invalid.
void begin(const Setup& setup = {});
const Log& log();
void clear_log();

/// The call of `function` after the next `after` fails with `error` and does nothing; later ones succeed again. Beside names of
/// the runtime: "launch", any kernel or cuDNN graph; "launch NAME", that one; "run NAME", when it runs: the error is then that of
/// the device, for good, as CUDA's are.
void fail_next(const std::string& function, cudaError_t error, long after = 0);
/// After `after` further calls of the runtime, whichever, every call fails, and work that is queued is never done.
void lose_device(cudaError_t error = cudaErrorUnknown, long after = 0);

long living_allocations();       ///< of device memory
long living_host_allocations();  ///< pinned
long living_handles();           ///< streams, events, graphs, instantiated graphs
long allocated_bytes(int device = 0);
long most_allocated_bytes(int device = 0);

bool is_device_memory(const void* p);
/// Where an address lies, in words.
std::string describe(const void* p);

/// Queues work as a launch does; counts it by its name. For whoever computes on the device otherwise than by own kernels.
cudaError_t submit(cuda::Stream stream, const std::string& name, std::function<void()> body, std::vector<Range> touches);
void violation(const std::string& what);

}  // namespace strata::testing::device
