// SPDX-License-Identifier: MIT
// The calls of CUDA's runtime that the back end uses, with owners for what must be released. A call that fails throws
// an Error that names the call, CUDA's message and what to do.
#pragma once

#include <strata/core/error.hpp>
#include <strata/cuda/runtime/library.hpp>

#include <cuda_runtime_api.h>

#include <utility>

namespace strata::cuda {

/// What a user can do about a CUDA status, as the end of a sentence; empty if the status says all that is known.
inline const char* advice(cudaError_t status) {
  switch (status) {
    case cudaErrorNoDevice: return "; use the back end Cpu, or a machine with an NVIDIA GPU";
    case cudaErrorInsufficientDriver:
      return "; install a driver at least as new as the CUDA version that the program was built with, or use the back end Cpu";
    case cudaErrorMemoryAllocation: return "; use a smaller batch or micro_batch";
    case cudaErrorNoKernelImageForDevice: return "; build for this GPU's architecture (CMAKE_CUDA_ARCHITECTURES)";
    case cudaErrorECCUncorrectable:
    case cudaErrorIllegalAddress:
    case cudaErrorLaunchFailure:
    case cudaErrorDevicesUnavailable:
    case cudaErrorDeviceUninitialized:
    case cudaErrorUnknown: return "; the device is lost to this process: start again from the last checkpoint";
    default: return "";
  }
}

/// Ignores a failure. Also clears CUDA's last error, which the check of the next launch would otherwise report.
inline void ignore_failure(cudaError_t status) {
  if (status != cudaSuccess) (void)cudaGetLastError();
}

/// Throws Error if the call failed. `call`: its name; `what`: what it was applied to, or empty.
inline void check(cudaError_t status, const char* call, const std::string& what = {}) {
  if (status == cudaSuccess) return;
  ignore_failure(status);
  throw Error("CUDA: ", call, what.empty() ? "" : " (" + what + ")", " failed: ", cudaGetErrorString(status), " (",
              cudaGetErrorName(status), ")", advice(status));
}

inline void check_launch(const char* kernel) { check(cudaGetLastError(), "the launch", kernel); }

/// Owns a handle that `Release` releases. A failure to release it is not an error: the device may be gone.
template <class Handle, auto Release>
class Owned {
 public:
  Owned() = default;
  explicit Owned(Handle handle) : handle_(handle) {}
  Owned(Owned&& other) noexcept : handle_(std::exchange(other.handle_, Handle{})) {}
  Owned& operator=(Owned&& other) noexcept {
    if (this != &other) reset(), handle_ = std::exchange(other.handle_, Handle{});
    return *this;
  }
  ~Owned() { reset(); }
  void reset() {
    if (handle_) ignore_failure(Release(std::exchange(handle_, Handle{})));
  }
  Handle get() const { return handle_; }
  explicit operator bool() const { return handle_ != Handle{}; }

 private:
  Handle handle_{};
};

using OwnedStream = Owned<cudaStream_t, &cudaStreamDestroy>;
using OwnedEvent = Owned<cudaEvent_t, &cudaEventDestroy>;
using OwnedGraph = Owned<cudaGraphExec_t, &cudaGraphExecDestroy>;

inline OwnedStream make_stream() {
  cudaStream_t stream;
  check(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking), "cudaStreamCreateWithFlags");
  return OwnedStream(stream);
}
inline OwnedEvent make_event() {
  cudaEvent_t event;
  check(cudaEventCreateWithFlags(&event, cudaEventDisableTiming), "cudaEventCreateWithFlags");
  return OwnedEvent(event);
}

/// An event that keeps its time.
inline OwnedEvent make_timer() {
  cudaEvent_t event;
  check(cudaEventCreateWithFlags(&event, cudaEventDefault), "cudaEventCreateWithFlags");
  return OwnedEvent(event);
}

/// Bytes allocated by CUDA's runtime; `Allocator` has the calls that allocate and free them.
template <class Allocator>
class Memory {
 public:
  Memory() = default;
  explicit Memory(long bytes) : bytes_(bytes) {
    if (bytes <= 0) return;
    void* data;
    check(Allocator::allocate(&data, std::size_t(bytes)), Allocator::call, core::sentence(bytes, " bytes"));
    data_ = Data(static_cast<unsigned char*>(data));
  }
  unsigned char* data() const { return data_.get(); }
  float* floats() const { return reinterpret_cast<float*>(data_.get()); }
  long bytes() const { return bytes_; }

 private:
  using Data = Owned<unsigned char*, &Allocator::release>;
  Data data_;
  long bytes_ = 0;
};

struct DeviceAllocator {
  static constexpr const char* call = "cudaMalloc";
  static cudaError_t allocate(void** data, std::size_t bytes) { return cudaMalloc(data, bytes); }
  static cudaError_t release(unsigned char* data) { return cudaFree(data); }
};
struct HostAllocator {
  static constexpr const char* call = "cudaMallocHost";
  static cudaError_t allocate(void** data, std::size_t bytes) { return cudaMallocHost(data, bytes); }
  static cudaError_t release(unsigned char* data) { return cudaFreeHost(data); }
};
using DeviceMemory = Memory<DeviceAllocator>;  ///< aligned to 256
using PinnedMemory = Memory<HostAllocator>;    ///< the device copies from and to it asynchronously

inline void copy_to_device(void* to, const void* from, long bytes, Stream stream) {
  if (bytes > 0)
    check(cudaMemcpyAsync(to, from, std::size_t(bytes), cudaMemcpyHostToDevice, stream), "cudaMemcpyAsync",
          "to the device");
}
inline void copy_to_host(void* to, const void* from, long bytes, Stream stream) {
  if (bytes > 0)
    check(cudaMemcpyAsync(to, from, std::size_t(bytes), cudaMemcpyDeviceToHost, stream), "cudaMemcpyAsync",
          "to the host");
}
inline void copy_on_device(void* to, const void* from, long bytes, Stream stream) {
  if (bytes > 0)
    check(cudaMemcpyAsync(to, from, std::size_t(bytes), cudaMemcpyDeviceToDevice, stream), "cudaMemcpyAsync",
          "on the device");
}
inline void synchronize(Stream stream) { check(cudaStreamSynchronize(stream), "cudaStreamSynchronize"); }

}  // namespace strata::cuda
