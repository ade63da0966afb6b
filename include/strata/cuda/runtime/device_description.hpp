// SPDX-License-Identifier: MIT
// A GPU as numbers, enough for cuDNN to choose and compile its kernels for a device that is not in the machine.
#pragma once

#include <strata/core/error.hpp>

#include <string>

namespace strata::cuda {

struct DeviceDescription {
  const char* name = "";
  int sm = 0;                       ///< compute capability times ten: 80, 90, 100
  int processors = 0;               ///< streaming multiprocessors
  long memory = 0;                  ///< bytes
  int shared_memory = 0;            ///< bytes: the most that a block can opt in to
  int l2_cache = 0;                 ///< bytes
  int clock = 0, memory_clock = 0;  ///< kHz
};

/// One data-center GPU of each generation: Ampere, Hopper, Blackwell.
constexpr DeviceDescription a100() {
  return {"NVIDIA A100-SXM4-80GB", 80, 108, 85'899'345'920, 166'912, 41'943'040, 1'410'000, 1'593'000};
}
constexpr DeviceDescription h100() {
  return {"NVIDIA H100 80GB HBM3", 90, 132, 85'028'765'696, 232'448, 52'428'800, 1'980'000, 2'619'000};
}
constexpr DeviceDescription b200() {
  return {"NVIDIA B200", 100, 148, 191'514'017'792, 232'448, 132'644'864, 1'965'000, 3'996'000};
}

/// The device in the JSON that cuDNN reads (CUDNN_ATTR_DEVICEPROP_JSON_REPRESENTATION, cuDNN 9.8 and later). Values
/// that the three generations share are literals.
inline std::string json(const DeviceDescription& d) {
  return core::sentence(
      R"({"deviceName":")", d.name, R"(","deviceVer":)", d.sm * 10, R"(,"multiProcessorCount":)", d.processors,
      R"(,"totalGlobalMem":)", d.memory, R"(,"maxSharedMemoryPerBlockOptin":)", d.shared_memory, R"(,"l2CacheSize":)",
      d.l2_cache, R"(,"smClockRateKHz":)", d.clock, R"(,"memClockRateKHz":)", d.memory_clock,
      R"(,"maxGridSize":[2147483647,65535,65535],"maxBlockSize":[1024,1024,64],"maxThreadsPerBlock":1024)",
      R"(,"maxThreadsPerSM":2048,"maxCtasPerSM":32,"warpSize":32,"regsPerBlock":65536,"maxRegistersPerSM":65536)",
      R"(,"maxSharedMemoryPerBlock":49152,"reservedSharedMemoryPerBlock":1024,"supportCoopLaunch":1,"isTccDriver":0)",
      R"(,"pciDeviceId":0,"cudaDeviceId":0,"driverVer":13000})");
}

}  // namespace strata::cuda
