// SPDX-License-Identifier: MIT
// The functions by which the code that nvcc makes of <<<...>>> registers and launches kernels. A launch finds the
// translated kernel, copies the arguments, and goes the way of kernels that the host's compiler compiled: through
// launch_on_host, which runs it at once or queues it on the stand-in device.
#include "executor.hpp"

#include <strata/core/error.hpp>
#include <strata/cuda/runtime/launch.hpp>

#include <cuda_runtime_api.h>

#include <cstring>
#include <memory>
#include <unordered_map>

namespace ptx = strata::testing::ptx;

namespace {

/// The mangled names by the addresses that stand for kernels on the host.
std::unordered_map<const void*, std::string>& registered() {
  static std::unordered_map<const void*, std::string> names;
  return names;
}

struct Configuration {
  dim3 blocks, threads;
  std::size_t shared_bytes = 0;
  cudaStream_t stream = nullptr;
};
thread_local Configuration pushed;

/// The arguments in one piece.
std::vector<char> copy_arguments(const ptx::Kernel& kernel, void** given) {
  std::vector<char> bytes(std::size_t(kernel.argument_bytes));
  for (std::size_t k = 0; k < kernel.parameters.size(); k++)
    std::memcpy(bytes.data() + kernel.parameters[k].offset, given[k], std::size_t(kernel.parameters[k].bytes));
  return bytes;
}

/// The arguments without what cannot be an address; padding, for one, may look like one.
std::vector<char> possible_addresses(const ptx::Kernel& kernel, const std::vector<char>& arguments) {
  std::vector<char> addresses(arguments.size());
  for (const int offset : kernel.words) std::memcpy(addresses.data() + offset, arguments.data() + offset, 8);
  return addresses;
}

cudaError_t launch(const void* function, const Configuration& how, void** arguments) {
  const auto found = registered().find(function);
  if (found == registered().end()) return cudaErrorInvalidDeviceFunction;
  const ptx::Kernel& kernel = ptx::kernel_named(found->second);
  const std::string name = ptx::readable_name(kernel);
  constexpr unsigned most_threads = 1024;
  if (how.blocks.x == 0 || how.threads.x == 0 || how.threads.x > most_threads || how.blocks.y * how.blocks.z != 1 ||
      how.threads.y * how.threads.z != 1 || how.shared_bytes != 0)
    throw strata::Error("the launch of ", name, " with ", how.blocks.x, " x ", how.blocks.y, " x ", how.blocks.z,
                        " blocks of ", how.threads.x, " x ", how.threads.y, " x ", how.threads.z, " threads and ",
                        how.shared_bytes, " bytes of dynamic shared memory is not possible here; grids have one",
                        " dimension, blocks 1 to ", most_threads, " threads, shared memory is static");
  const auto copy = std::make_shared<const std::vector<char>>(copy_arguments(kernel, arguments));
  const std::vector<char> addresses = possible_addresses(kernel, *copy);
  strata::cuda::launch_on_host(
      how.stream, name.c_str(), [&kernel, copy, how] { ptx::execute(kernel, *copy, how.blocks.x, how.threads.x); },
      addresses.data(), long(addresses.size()));
  return cudaSuccess;
}

}  // namespace

extern "C" {

void** __cudaRegisterFatBinary(void*) {
  static void* module = nullptr;
  return &module;
}
void __cudaRegisterFatBinaryEnd(void**) {}
void __cudaUnregisterFatBinary(void**) {}
void __cudaRegisterFunction(void**, const char* host, char*, const char* name, int, uint3*, uint3*, dim3*, dim3*,
                            int*) {
  registered()[host] = name;
}

unsigned __cudaPushCallConfiguration(dim3 blocks, dim3 threads, std::size_t shared_bytes, cudaStream_t stream) {
  pushed = {blocks, threads, shared_bytes, stream};
  return 0;
}
cudaError_t __cudaPopCallConfiguration(dim3* blocks, dim3* threads, std::size_t* shared_bytes, void* stream) {
  *blocks = pushed.blocks;
  *threads = pushed.threads;
  *shared_bytes = pushed.shared_bytes;
  *static_cast<cudaStream_t*>(stream) = pushed.stream;
  return cudaSuccess;
}

// CUDA 12 calls the last of these, CUDA 13 the first two.
cudaError_t __cudaGetKernel(cudaKernel_t* kernel, const void* function) {
  *kernel = reinterpret_cast<cudaKernel_t>(const_cast<void*>(function));
  return cudaSuccess;
}
cudaError_t __cudaLaunchKernel(cudaKernel_t kernel, dim3 blocks, dim3 threads, void** arguments,
                               std::size_t shared_bytes, cudaStream_t stream) {
  return launch(kernel, {blocks, threads, shared_bytes, stream}, arguments);
}
cudaError_t cudaLaunchKernel(const void* function, dim3 blocks, dim3 threads, void** arguments,
                             std::size_t shared_bytes, cudaStream_t stream) {
  return launch(function, {blocks, threads, shared_bytes, stream}, arguments);
}

}  // extern "C"
