// SPDX-License-Identifier: MIT
// A GPU as numbers, enough for cuDNN to choose and compile its kernels for a device that is not in the machine.
#pragma once

#include <strata/core/error.hpp>

#include <string>

namespace strata::cuda {

struct DeviceDescription {
  const char* name = "";
  int sm = 0;                         ///< compute capability times ten: 75, 80, ... 120
  int processors = 0;                 ///< streaming multiprocessors
  long memory = 0;                    ///< bytes
  int shared_memory = 0;              ///< bytes: the most that a block can opt in to
  int l2_cache = 0;                   ///< bytes
  int clock = 0, memory_clock = 0;    ///< kHz
  int threads = 2048, blocks = 32;    ///< resident in a multiprocessor at a time
  int reserved_shared_memory = 1024;  ///< bytes of each block
};

/// One data-center GPU of the generations that train most: Ampere, Hopper, Blackwell.
constexpr DeviceDescription a100() {
  return {"NVIDIA A100-SXM4-80GB", 80, 108, 85'899'345'920, 166'912, 41'943'040, 1'410'000, 1'593'000};
}
constexpr DeviceDescription h100() {
  return {"NVIDIA H100 80GB HBM3", 90, 132, 85'028'765'696, 232'448, 52'428'800, 1'980'000, 2'619'000};
}
constexpr DeviceDescription b200() {
  return {"NVIDIA B200", 100, 148, 191'514'017'792, 232'448, 132'644'864, 1'965'000, 3'996'000};
}

/// The oldest that CUDA 13 compiles for, Turing, and those of a workstation, Ada and Blackwell; memory rounded.
constexpr DeviceDescription t4() {
  return {"Tesla T4", 75, 40, 16L << 30, 65'536, 4'194'304, 1'590'000, 5'001'000, 1024, 16, 0};
}
constexpr DeviceDescription rtx_4090() {
  return {"NVIDIA GeForce RTX 4090", 89, 128, 24L << 30, 101'376, 75'497'472, 2'520'000, 10'501'000, 1536, 24};
}
constexpr DeviceDescription rtx_5090() {
  return {"NVIDIA GeForce RTX 5090", 120, 170, 32L << 30, 101'376, 100'663'296, 2'407'000, 14'001'000, 1536, 24};
}

/// The device in the JSON that cuDNN reads (CUDNN_ATTR_DEVICEPROP_JSON_REPRESENTATION, cuDNN 9.8 and later). Values
/// that all of them share are literals.
inline std::string json(const DeviceDescription& d) {
  return core::sentence(
      R"({"deviceName":")", d.name, R"(","deviceVer":)", d.sm * 10, R"(,"multiProcessorCount":)", d.processors,
      R"(,"totalGlobalMem":)", d.memory, R"(,"maxSharedMemoryPerBlockOptin":)", d.shared_memory, R"(,"l2CacheSize":)",
      d.l2_cache, R"(,"smClockRateKHz":)", d.clock, R"(,"memClockRateKHz":)", d.memory_clock,
      R"(,"maxGridSize":[2147483647,65535,65535],"maxBlockSize":[1024,1024,64],"maxThreadsPerBlock":1024)",
      R"(,"maxThreadsPerSM":)", d.threads, R"(,"maxCtasPerSM":)", d.blocks,
      R"(,"warpSize":32,"regsPerBlock":65536,"maxRegistersPerSM":65536)",
      R"(,"maxSharedMemoryPerBlock":49152,"reservedSharedMemoryPerBlock":)", d.reserved_shared_memory,
      R"(,"supportCoopLaunch":1,"isTccDriver":0)", R"(,"pciDeviceId":0,"cudaDeviceId":0,"driverVer":13000})");
}

}  // namespace strata::cuda
