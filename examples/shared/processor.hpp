// SPDX-License-Identifier: MIT
// The processor, as set by --device, --precision and --threads.
#pragma once

#include <string>

#include <strata/core/threads/available_cores.hpp>
#include <strata/report/run_record.hpp>

#include "choices.hpp"

namespace shared {

inline const Words precisions{"tf32", "fp32", "fp16", "bf16"};

struct Processor {
  std::string device = "cpu";      ///< "cpu" or "cuda"
  std::string precision = "fp32";  ///< one of `precisions`
  int threads = 1;                 ///< of a CPU; 1 with a GPU
};

/// precision: empty for the device's default, tf32 on a GPU. threads: 0 for one per core available to this process.
/// Throws strata::Error for a precision other than fp32 on a CPU.
inline Processor processor(const std::string& device, const std::string& precision, int threads) {
  if (device != "cpu") return {device, precision.empty() ? "tf32" : precision, 1};
  if (!precision.empty() && precision != "fp32")
    throw strata::Error("--precision ", precision, ": a CPU computes in fp32; use that, or --device cuda");
  return {device, "fp32", threads ? threads : strata::core::available_cores()};
}

/// A precision as spelled in run.json.
inline std::string recorded(const std::string& precision) {
  return precision == "fp32"   ? "float32"
         : precision == "fp16" ? "float16"
         : precision == "bf16" ? "bfloat16"
                               : precision;
}

inline strata::report::DeviceRecord cpu_record(const Processor&) { return device_of(strata::report::this_machine()); }

/// "2 threads", "NVIDIA H100 80GB HBM3 in tf32"
inline std::string words(const strata::report::DeviceRecord& device, int threads) {
  if (device.kind != "cpu") return device.name + " in " + device.precision;
  return std::to_string(threads) + (threads == 1 ? " thread" : " threads");
}

}  // namespace shared
