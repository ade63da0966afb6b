// SPDX-License-Identifier: MIT
// What runs device code on the CPU notices faults: kernels with one planted each, which nvcc compiles, and the same
// without it.
#include <doctest/doctest.h>

#include <cuda_runtime.h>

#include <string>

#include "../../support/cuda/recording_runtime.hpp"
#include "../../support/ptx/executor.hpp"

using namespace strata::testing;

namespace {

constexpr unsigned blocks = 2, threads = 64, count = blocks * threads;

__device__ unsigned place() { return blockIdx.x * blockDim.x + threadIdx.x; }

__global__ void copies(const float* x, float* y) { y[place()] = 2 * x[place()]; }
__global__ void copies_one_too_many(const float* x, float* y) { y[place()] = x[place() + 1]; }
__global__ void writes_before_its_memory(float* y) { y[long(place()) - 1] = 1; }
__global__ void races_in_global_memory(float* y) { y[place()] = y[(place() + 1) % count] + 1; }
__global__ void writes_one_place(float* y) { y[0] = 1; }
__global__ void loads_pairs(const float* x, float2* y) {
  if (place() + 2 < count) y[place() / 2] = *reinterpret_cast<const float2*>(x + place() / 2 * 2 + 1);
}
__global__ void divides(const int* x, int* y) { y[place()] = 7 / x[place()]; }

/// Each thread writes its place in shared memory and reads another's. The parts: 0 has the barrier between them.
template <int Fault>
__global__ void reverses(float* y) {
  __shared__ float shared[threads];
  shared[threadIdx.x] = float(threadIdx.x);
  if constexpr (Fault == 0) __syncthreads();
  if constexpr (Fault == 2)
    if (threadIdx.x < 32) __syncthreads();
  y[place()] = shared[threads - 1 - threadIdx.x];
}

/// Without a second barrier, threads write for the next round what others still read for this one.
template <bool Barrier>
__global__ void sums_in_rounds(float* y) {
  __shared__ float shared[threads];
  float sum = 0;
  for (int round = 0; round < 3; round++) {
    shared[threadIdx.x] = float(round);
    __syncthreads();
    sum += shared[(threadIdx.x + 1) % threads];
    if constexpr (Barrier) __syncthreads();
  }
  y[place()] = sum;
}

/// One allocation of the device, of as many numbers as there are threads.
struct Numbers {
  Numbers() { REQUIRE(cudaMalloc(&data, count * sizeof(float)) == cudaSuccess); }
  ~Numbers() { cudaFree(data); }
  Numbers(const Numbers&) = delete;
  float* floats() const { return static_cast<float*>(data); }
  int* ints() const { return static_cast<int*>(data); }
  void* data = nullptr;
};

/// Runs what `launch` queues on a new device; returns what the device objects to, or nothing.
template <class Launch>
std::string objection_to(Launch launch) {
  device::begin();
  {
    const Numbers x, y;
    REQUIRE(cudaMemset(x.data, 0, count * sizeof(float)) == cudaSuccess);
    REQUIRE(cudaMemset(y.data, 0, count * sizeof(float)) == cudaSuccess);
    launch(x, y);
    cudaDeviceSynchronize();
  }
  const auto& violations = device::log().violations;
  return violations.empty() ? "" : violations.front();
}

/// With races looked for in one pass, and not in the others.
bool races() { return ptx::settings().races; }
void check_objection(const std::string& given, const std::string& wanted) {
  INFO(given);
  CHECK(given.find(wanted) != std::string::npos);
  CHECK(given.find("faults.ptx:") != std::string::npos);  // where
}

}  // namespace

TEST_CASE("kernels without a fault are not reported") {
  const auto clean = [](auto launch) { CHECK(objection_to(launch) == ""); };
  clean([](const Numbers& x, const Numbers& y) { copies<<<blocks, threads>>>(x.floats(), y.floats()); });
  clean([](const Numbers&, const Numbers& y) { reverses<0><<<blocks, threads>>>(y.floats()); });
  clean([](const Numbers&, const Numbers& y) { sums_in_rounds<true><<<blocks, threads>>>(y.floats()); });
}

TEST_CASE("an access outside of an allocation is found, to the byte") {
  check_objection(objection_to([](const Numbers& x, const Numbers& y) {
                    copies_one_too_many<<<blocks, threads>>>(x.floats(), y.floats());
                  }),
                  "accesses 4 bytes of global memory at 0 bytes past the end of an allocation of 512 bytes");
  check_objection(
      objection_to([](const Numbers&, const Numbers& y) { writes_before_its_memory<<<blocks, threads>>>(y.floats()); }),
      "4 bytes before an allocation of 512 bytes");
}

TEST_CASE("an access that is not aligned is found") {
  check_objection(objection_to([](const Numbers& x, const Numbers& y) {
                    loads_pairs<<<blocks, threads>>>(x.floats(), static_cast<float2*>(y.data));
                  }),
                  "accesses 8 bytes at byte ");
}

TEST_CASE("a barrier that only some threads reach is found") {
  check_objection(objection_to([](const Numbers&, const Numbers& y) { reverses<2><<<blocks, threads>>>(y.floats()); }),
                  races() ? "no barrier is between them" : "all threads of a block must reach the same barrier");
}

TEST_CASE("a division by zero is found") {
  check_objection(
      objection_to([](const Numbers& x, const Numbers& y) { divides<<<blocks, threads>>>(x.ints(), y.ints()); }),
      "divides by zero");
}

TEST_CASE("races are found where they are looked for") {
  const auto race = [](auto launch) {
    const std::string given = objection_to(launch);
    if (races()) check_objection(given, "and no barrier is between them");
    else CHECK(given == "");
  };
  race([](const Numbers&, const Numbers& y) { races_in_global_memory<<<blocks, threads>>>(y.floats()); });
  race([](const Numbers&, const Numbers& y) { writes_one_place<<<blocks, threads>>>(y.floats()); });
  race([](const Numbers&, const Numbers& y) { reverses<1><<<blocks, threads>>>(y.floats()); });
  race([](const Numbers&, const Numbers& y) { sums_in_rounds<false><<<blocks, threads>>>(y.floats()); });
}

TEST_CASE("a launch with an address of freed memory is refused") {
  device::begin();
  float* x = nullptr;
  REQUIRE(cudaMalloc(&x, count * sizeof(float)) == cudaSuccess);
  REQUIRE(cudaFree(x) == cudaSuccess);
  CHECK_THROWS(copies<<<blocks, threads>>>(x, x));
  CHECK(device::log().violations.size() == 1);
  cudaGetLastError();
}

TEST_CASE("a launch is refused with a sentence where it is not possible") {
  CHECK_THROWS_WITH((copies<<<blocks, 1025>>>(nullptr, nullptr)), doctest::Contains("blocks 1 to 1024 threads"));
}
