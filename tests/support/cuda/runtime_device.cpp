// SPDX-License-Identifier: MIT
// Devices, their properties, and errors as text.
#include "runtime_state.hpp"

#include <cstdio>
#include <cstring>
#include <utility>

using strata::testing::device::current_device;
using strata::testing::device::Entry;
using strata::testing::device::last_error;
using strata::testing::device::state;

namespace {

struct Named {
  cudaError_t error;
  const char *name, *words;
};

constexpr Named errors[] = {
    {cudaSuccess, "cudaSuccess", "no error"},
    {cudaErrorInvalidValue, "cudaErrorInvalidValue", "invalid argument"},
    {cudaErrorMemoryAllocation, "cudaErrorMemoryAllocation", "out of memory"},
    {cudaErrorInitializationError, "cudaErrorInitializationError", "initialization error"},
    {cudaErrorInsufficientDriver, "cudaErrorInsufficientDriver", "driver missing or too old for this runtime"},
    {cudaErrorDevicesUnavailable, "cudaErrorDevicesUnavailable", "device busy or unavailable"},
    {cudaErrorNoDevice, "cudaErrorNoDevice", "no device"},
    {cudaErrorInvalidDevice, "cudaErrorInvalidDevice", "no device of that number"},
    {cudaErrorNoKernelImageForDevice, "cudaErrorNoKernelImageForDevice", "no kernel was compiled for this device"},
    {cudaErrorECCUncorrectable, "cudaErrorECCUncorrectable", "uncorrectable memory error"},
    {cudaErrorInvalidResourceHandle, "cudaErrorInvalidResourceHandle", "invalid handle"},
    {cudaErrorNotReady, "cudaErrorNotReady", "not done yet"},
    {cudaErrorIllegalAddress, "cudaErrorIllegalAddress", "illegal address"},
    {cudaErrorLaunchFailure, "cudaErrorLaunchFailure", "a launch failed on the device"},
    {cudaErrorStreamCaptureUnsupported, "cudaErrorStreamCaptureUnsupported",
     "not permitted while a stream is captured"},
    {cudaErrorStreamCaptureInvalidated, "cudaErrorStreamCaptureInvalidated", "the capture was invalidated"},
    {cudaErrorStreamCaptureMerge, "cudaErrorStreamCaptureMerge", "two captures would be merged"},
    {cudaErrorStreamCaptureUnmatched, "cudaErrorStreamCaptureUnmatched", "the capture began in another stream"},
    {cudaErrorStreamCaptureUnjoined, "cudaErrorStreamCaptureUnjoined",
     "captured work was not joined to the first stream"},
    {cudaErrorStreamCaptureIsolation, "cudaErrorStreamCaptureIsolation",
     "a capture would depend on work outside of it"},
    {cudaErrorStreamCaptureImplicit, "cudaErrorStreamCaptureImplicit", "a capture would depend on the null stream"},
    {cudaErrorCapturedEvent, "cudaErrorCapturedEvent", "the event was last recorded in a capture"},
    {cudaErrorStreamCaptureWrongThread, "cudaErrorStreamCaptureWrongThread", "the capture began in another thread"},
    {cudaErrorUnknown, "cudaErrorUnknown", "unknown error"},
};

const Named* find(cudaError_t error) {
  for (const Named& e : errors)
    if (e.error == error) return &e;
  return nullptr;
}

bool exists(int device) { return device >= 0 && device < state().setup.count; }

}  // namespace

extern "C" {

const char* cudaGetErrorName(cudaError_t error) { return find(error) ? find(error)->name : "unrecognized error code"; }
const char* cudaGetErrorString(cudaError_t error) {
  return find(error) ? find(error)->words : "unrecognized error code";
}

cudaError_t cudaGetLastError() {
  const Entry entry("cudaGetLastError", false);
  if (state().lost != cudaSuccess) return state().lost;
  return std::exchange(last_error(), cudaSuccess);
}

cudaError_t cudaPeekAtLastError() {
  const Entry entry("cudaPeekAtLastError", false);
  return state().lost != cudaSuccess ? state().lost : last_error();
}

cudaError_t cudaDriverGetVersion(int* version) {
  const Entry entry("cudaDriverGetVersion", false);
  if (entry.refused() != cudaSuccess) return entry.refused();
  *version = state().setup.driver_version;
  return cudaSuccess;
}

cudaError_t cudaRuntimeGetVersion(int* version) {
  const Entry entry("cudaRuntimeGetVersion", false);
  if (entry.refused() != cudaSuccess) return entry.refused();
  *version = CUDART_VERSION;
  return cudaSuccess;
}

cudaError_t cudaGetDeviceCount(int* count) {
  *count = 0;
  const Entry entry("cudaGetDeviceCount");
  if (entry.refused() != cudaSuccess) return entry.refused();
  *count = state().setup.count;
  return cudaSuccess;
}

cudaError_t cudaGetDevice(int* device) {
  const Entry entry("cudaGetDevice");
  if (entry.refused() != cudaSuccess) return entry.refused();
  *device = current_device();
  return cudaSuccess;
}

cudaError_t cudaSetDevice(int device) {
  const Entry entry("cudaSetDevice");
  if (entry.refused() != cudaSuccess) return entry.refused();
  if (!exists(device)) return entry.leave(cudaErrorInvalidDevice);
  current_device() = device;
  return cudaSuccess;
}

cudaError_t cudaGetDeviceProperties(cudaDeviceProp* properties, int device) {
  const Entry entry("cudaGetDeviceProperties");
  if (entry.refused() != cudaSuccess) return entry.refused();
  if (!exists(device)) return entry.leave(cudaErrorInvalidDevice);
  std::memset(static_cast<void*>(properties), 0, sizeof *properties);
  std::snprintf(properties->name, sizeof properties->name, "stand-in device %d", device);
  properties->totalGlobalMem = std::size_t(state().setup.memory_bytes);
  properties->major = state().setup.major;
  properties->minor = state().setup.minor;
  properties->multiProcessorCount = state().setup.processors;
  properties->warpSize = 32;
  properties->maxThreadsPerBlock = 1024;
  properties->asyncEngineCount = 2;
  properties->unifiedAddressing = 1;
  properties->concurrentKernels = 1;
  properties->l2CacheSize = 40 << 20;
  properties->sharedMemPerBlock = 48 << 10;
  properties->sharedMemPerBlockOptin = 163 << 10;
  properties->memoryBusWidth = 5120;
  return cudaSuccess;
}

cudaError_t cudaDeviceGetAttribute(int* value, cudaDeviceAttr attribute, int device) {
  const Entry entry("cudaDeviceGetAttribute");
  if (entry.refused() != cudaSuccess) return entry.refused();
  if (!exists(device)) return entry.leave(cudaErrorInvalidDevice);
  switch (attribute) {
    case cudaDevAttrComputeCapabilityMajor: *value = state().setup.major; break;
    case cudaDevAttrComputeCapabilityMinor: *value = state().setup.minor; break;
    case cudaDevAttrMultiProcessorCount: *value = state().setup.processors; break;
    case cudaDevAttrWarpSize: *value = 32; break;
    case cudaDevAttrMaxThreadsPerBlock: *value = 1024; break;
    case cudaDevAttrMaxSharedMemoryPerBlock: *value = 48 << 10; break;
    case cudaDevAttrMaxSharedMemoryPerBlockOptin: *value = 163 << 10; break;
    case cudaDevAttrL2CacheSize: *value = 40 << 20; break;
    case cudaDevAttrAsyncEngineCount: *value = 2; break;
    case cudaDevAttrMemoryPoolsSupported: *value = 0; break;
    default: return entry.leave(cudaErrorInvalidValue);
  }
  return cudaSuccess;
}

cudaError_t cudaDeviceSynchronize() {
  const Entry entry("cudaDeviceSynchronize");
  if (entry.refused() != cudaSuccess) return entry.refused();
  if (state().forbidden_by_capture()) return entry.leave(cudaErrorStreamCaptureUnsupported);
  state().queue.finish_all();
  return entry.leave_finished();
}

}  // extern "C"
