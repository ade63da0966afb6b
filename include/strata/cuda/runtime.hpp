// SPDX-License-Identifier: MIT
// What the back end asks of CUDA's runtime, with owners for what must be given back. Every call that fails throws an Error
// which names it, what CUDA says, and what to do.
#pragma once

#include <strata/core/error.hpp>
#include <strata/cuda/library.hpp>

#include <cuda_runtime_api.h>

#include <utility>

namespace strata::cuda {

/// What a user can do about a status of CUDA's; empty where nothing better is known than to read it.
inline const char* advice(cudaError_t status) {
  switch (status) {
    case cudaErrorNoDevice: return "; use the back end Cpu, or a machine with an NVIDIA GPU";
    case cudaErrorInsufficientDriver: return "; install a driver that is at least as new as the CUDA that the program was built with, or use the back end Cpu";
    case cudaErrorMemoryAllocation: return "; take a smaller batch or micro_batch";
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

/// Throws if the call failed. `call`: its name; `what`: on what, or empty.
inline void check(cudaError_t status, const char* call, const std::string& what = {}) {
  if (status == cudaSuccess) return;
  (void)cudaGetLastError();  // else the next launch that is asked for its error finds this one
  throw Error("CUDA: ", call, what.empty() ? "" : " (" + what + ")", " failed: ", cudaGetErrorString(status), " (",
              cudaGetErrorName(status), ")", advice(status));
}

inline void check_launch(const char* kernel) { check(cudaGetLastError(), "the launch", kernel); }

/// Owns what `Release` gives back. A failure to give back is not an error: the device may be gone.
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
    if (handle_) (void)Release(std::exchange(handle_, Handle{}));
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

/// Bytes of the device, aligned to 256.
class DeviceMemory {
 public:
  DeviceMemory() = default;
  explicit DeviceMemory(long bytes) : bytes_(bytes) {
    if (bytes <= 0) return;
    void* data;
    check(cudaMalloc(&data, std::size_t(bytes)), "cudaMalloc", sentence(bytes, " bytes"));
    data_ = Memory(static_cast<unsigned char*>(data));
  }
  unsigned char* data() const { return data_.get(); }
  float* floats() const { return reinterpret_cast<float*>(data_.get()); }
  long bytes() const { return bytes_; }

 private:
  static void release(unsigned char* data) { (void)cudaFree(data); }
  using Memory = Owned<unsigned char*, &release>;
  Memory data_;
  long bytes_ = 0;
};

/// Bytes of the host that the device copies from and to while the host goes on.
class PinnedMemory {
 public:
  PinnedMemory() = default;
  explicit PinnedMemory(long bytes) : bytes_(bytes) {
    if (bytes <= 0) return;
    void* data;
    check(cudaMallocHost(&data, std::size_t(bytes)), "cudaMallocHost", sentence(bytes, " bytes"));
    data_ = Memory(static_cast<unsigned char*>(data));
  }
  unsigned char* data() const { return data_.get(); }
  long bytes() const { return bytes_; }

 private:
  static void release(unsigned char* data) { (void)cudaFreeHost(data); }
  using Memory = Owned<unsigned char*, &release>;
  Memory data_;
  long bytes_ = 0;
};

inline void copy_to_device(void* to, const void* from, long bytes, Stream stream) {
  if (bytes > 0) check(cudaMemcpyAsync(to, from, std::size_t(bytes), cudaMemcpyHostToDevice, stream), "cudaMemcpyAsync", "to the device");
}
inline void copy_to_host(void* to, const void* from, long bytes, Stream stream) {
  if (bytes > 0) check(cudaMemcpyAsync(to, from, std::size_t(bytes), cudaMemcpyDeviceToHost, stream), "cudaMemcpyAsync", "to the host");
}
inline void copy_on_device(void* to, const void* from, long bytes, Stream stream) {
  if (bytes > 0) check(cudaMemcpyAsync(to, from, std::size_t(bytes), cudaMemcpyDeviceToDevice, stream), "cudaMemcpyAsync", "on the device");
}
inline void synchronize(Stream stream) { check(cudaStreamSynchronize(stream), "cudaStreamSynchronize"); }

}  // namespace strata::cuda
