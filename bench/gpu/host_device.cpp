// SPDX-License-Identifier: MIT
// A GPU that takes no time: CUDA's runtime, cuDNN and NCCL as far as a training calls them, without any work, so that
// bench_gpu_host measures the host alone. What a kernel would have written is 0x01 in every byte: small positive
// numbers, with which a training goes on.
#include <strata/cuda/instantiate.hpp>
#include <strata/cuda/kernels/define_kernels.hpp>
#include <strata/cuda/runtime/device.hpp>

#include <nccl.h>

#include <cstdlib>
#include <cstring>

namespace {

constexpr std::size_t small = 1 << 20;  ///< bytes; larger memory is reserved, and never touched

cudaError_t reserve(void** data, std::size_t bytes) {
  *data = std::aligned_alloc(256, (bytes + 255) / 256 * 256);
  if (!*data) return cudaErrorMemoryAllocation;
  if (bytes <= small) std::memset(*data, 1, bytes);
  return cudaSuccess;
}

struct NoGraph final : strata::cuda::GraphPlan {
  long workspace_bytes() const override { return 0; }
  std::string engine() const override { return "none"; }
  void execute(void* const*, void*, strata::cuda::Stream) override {}
};
struct NoLibrary final : strata::cuda::Library {
  std::unique_ptr<strata::cuda::GraphPlan> build(const strata::cuda::GraphDescription&, std::string&) override {
    return std::make_unique<NoGraph>();
  }
};

template <class Handle>
Handle some() {
  static char place;
  return reinterpret_cast<Handle>(&place);
}

}  // namespace

namespace strata::cuda {

std::unique_ptr<Library> make_library() { return std::make_unique<NoLibrary>(); }
void launch_on_host(Stream, const char*, std::function<void()>, const void*, long) {}

}  // namespace strata::cuda

extern "C" {

cudaError_t cudaGetLastError() { return cudaSuccess; }
const char* cudaGetErrorName(cudaError_t) { return "cudaError"; }
const char* cudaGetErrorString(cudaError_t) { return "an error"; }
cudaError_t cudaDriverGetVersion(int* version) { return *version = 13000, cudaSuccess; }
cudaError_t cudaGetDeviceCount(int* count) { return *count = 8, cudaSuccess; }
cudaError_t cudaGetDevice(int* number) { return *number = 0, cudaSuccess; }
cudaError_t cudaSetDevice(int) { return cudaSuccess; }
cudaError_t cudaGetDeviceProperties(cudaDeviceProp* properties, int) {
  *properties = {};
  std::strcpy(properties->name, "none");
  properties->totalGlobalMem = std::size_t(80) << 30;
  return cudaSuccess;
}
cudaError_t cudaMemGetInfo(std::size_t* free, std::size_t* total) {
  return *free = *total = std::size_t(80) << 30, cudaSuccess;
}
cudaError_t cudaMalloc(void** data, std::size_t bytes) { return reserve(data, bytes); }
cudaError_t cudaMallocHost(void** data, std::size_t bytes) { return reserve(data, bytes); }
cudaError_t cudaFree(void* data) { return std::free(data), cudaSuccess; }
cudaError_t cudaFreeHost(void* data) { return std::free(data), cudaSuccess; }
cudaError_t cudaMemsetAsync(void*, int, std::size_t, cudaStream_t) { return cudaSuccess; }
cudaError_t cudaMemcpyAsync(void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind, cudaStream_t) {
  if (kind == cudaMemcpyDeviceToHost && bytes <= small) std::memcpy(to, from, bytes);
  return cudaSuccess;
}
cudaError_t cudaStreamCreateWithFlags(cudaStream_t* stream, unsigned) {
  return *stream = some<cudaStream_t>(), cudaSuccess;
}
cudaError_t cudaStreamDestroy(cudaStream_t) { return cudaSuccess; }
cudaError_t cudaStreamSynchronize(cudaStream_t) { return cudaSuccess; }
cudaError_t cudaStreamQuery(cudaStream_t) { return cudaSuccess; }
cudaError_t cudaStreamWaitEvent(cudaStream_t, cudaEvent_t, unsigned) { return cudaSuccess; }
cudaError_t cudaStreamBeginCapture(cudaStream_t, cudaStreamCaptureMode) { return cudaSuccess; }
cudaError_t cudaStreamEndCapture(cudaStream_t, cudaGraph_t* graph) { return *graph = some<cudaGraph_t>(), cudaSuccess; }
cudaError_t cudaEventCreateWithFlags(cudaEvent_t* event, unsigned) { return *event = some<cudaEvent_t>(), cudaSuccess; }
cudaError_t cudaEventCreate(cudaEvent_t* event) { return *event = some<cudaEvent_t>(), cudaSuccess; }
cudaError_t cudaEventDestroy(cudaEvent_t) { return cudaSuccess; }
cudaError_t cudaEventRecord(cudaEvent_t, cudaStream_t) { return cudaSuccess; }
cudaError_t cudaEventSynchronize(cudaEvent_t) { return cudaSuccess; }
cudaError_t cudaEventQuery(cudaEvent_t) { return cudaSuccess; }
cudaError_t cudaEventElapsedTime(float* milliseconds, cudaEvent_t, cudaEvent_t) {
  return *milliseconds = 0, cudaSuccess;
}
cudaError_t cudaGraphInstantiate(cudaGraphExec_t* ready, cudaGraph_t, unsigned long long) {
  return *ready = some<cudaGraphExec_t>(), cudaSuccess;
}
cudaError_t cudaGraphLaunch(cudaGraphExec_t, cudaStream_t) { return cudaSuccess; }
cudaError_t cudaGraphDestroy(cudaGraph_t) { return cudaSuccess; }
cudaError_t cudaGraphExecDestroy(cudaGraphExec_t) { return cudaSuccess; }

ncclResult_t ncclGetUniqueId(ncclUniqueId* id) { return std::memset(id, 7, sizeof *id), ncclSuccess; }
ncclResult_t ncclCommInitRank(ncclComm_t* communicator, int, ncclUniqueId, int) {
  return *communicator = some<ncclComm_t>(), ncclSuccess;
}
ncclResult_t ncclCommDestroy(ncclComm_t) { return ncclSuccess; }
ncclResult_t ncclCommAbort(ncclComm_t) { return ncclSuccess; }
ncclResult_t ncclCommGetAsyncError(ncclComm_t, ncclResult_t* status) { return *status = ncclSuccess, ncclSuccess; }
const char* ncclGetErrorString(ncclResult_t) { return "an error"; }
const char* ncclGetLastError(ncclComm_t) { return ""; }
ncclResult_t ncclGroupStart() { return ncclSuccess; }
ncclResult_t ncclGroupEnd() { return ncclSuccess; }
ncclResult_t ncclAllReduce(const void*, void* to, std::size_t, ncclDataType_t type, ncclRedOp_t, ncclComm_t,
                           cudaStream_t) {
  if (type == ncclInt64) std::memset(to, 0, sizeof(long long));  // what the processes ask each other: none says yes
  return ncclSuccess;
}
ncclResult_t ncclBroadcast(const void*, void*, std::size_t, ncclDataType_t, int, ncclComm_t, cudaStream_t) {
  return ncclSuccess;
}
}
