// SPDX-License-Identifier: MIT
// A GPU behind --device cuda.
#pragma once

#include <strata/cuda.hpp>
#include <strata/cuda/cost.hpp>
#include <strata/graph/summary.hpp>

#include "processor.hpp"

namespace shared {

/// Throws strata::Error where there is no driver or no GPU. Nothing is made on the GPU.
inline strata::DeviceRecord cuda_record(const Processor& processor) {
  const auto found = strata::cuda::Device::properties(strata::cuda::Device::chosen());
  return {.kind = "cuda", .name = found.name, .precision = recorded(processor.precision), .memory_bytes = found.memory_bytes};
}

/// `f` for the back end of the precision.
template <class F>
auto with_backend(const Processor& processor, F&& f) {
  if (processor.precision == "fp32") return f.template operator()<strata::CudaWith<strata::Fp32>>();
  if (processor.precision == "fp16") return f.template operator()<strata::CudaWith<strata::Fp16>>();
  if (processor.precision == "bf16") return f.template operator()<strata::CudaWith<strata::Bf16>>();
  return f.template operator()<strata::Cuda>();
}

/// The table of the network as its inference runs on a GPU.
template <class Net>
strata::SummaryTable cuda_summary() {
  return strata::describe<Net>(strata::graph::inference_plan<Net, strata::cuda::layout, strata::Cuda::options>);
}

}  // namespace shared
