// SPDX-License-Identifier: MIT
// The GPU that --device cuda selects.
#pragma once

#include <strata/cuda.hpp>
#include <strata/cuda/sessions/cost.hpp>
#include <strata/graph/summary.hpp>
#include <strata/graph/work.hpp>

#include "processor.hpp"

namespace shared {

/// Describes the GPU without allocating anything on it. Throws strata::Error if there is no driver or no GPU.
inline strata::report::DeviceRecord cuda_record(const Processor& processor) {
  const auto found = strata::cuda::Device::properties(strata::cuda::Device::chosen());
  return {.kind = "cuda",
          .name = found.name,
          .precision = recorded(processor.precision),
          .memory_bytes = found.memory_bytes};
}

/// Calls f.operator()<Backend>() for the back end with the chosen precision.
template <class F>
auto with_backend(const Processor& processor, F&& f) {
  if (processor.precision == "fp32") return f.template operator()<strata::CudaWith<strata::Fp32>>();
  if (processor.precision == "fp16") return f.template operator()<strata::CudaWith<strata::Fp16>>();
  if (processor.precision == "bf16") return f.template operator()<strata::CudaWith<strata::Bf16>>();
  return f.template operator()<strata::Cuda>();
}

/// The work of a training step on a GPU, whose library may choose other algorithms than direct sums.
template <class Net>
inline constexpr strata::graph::StepWork cuda_work = strata::graph::step_work(
    strata::graph::training_plan<Net, strata::cuda::layout, strata::Cuda::options>, strata::parameters<Net>, [](int i) {
      return double(strata::graph::node_macs(
          strata::graph::training_plan<Net, strata::cuda::layout, strata::Cuda::options>.nodes[i]));
    });

/// The summary table of a network for inference on a GPU.
template <class Net>
strata::graph::SummaryTable cuda_summary() {
  return strata::graph::describe<Net>(strata::graph::inference_plan<Net, strata::cuda::layout, strata::Cuda::options>);
}

}  // namespace shared
