// SPDX-License-Identifier: MIT
// The functions of a CompiledNetwork for a GPU: the four precisions of one network, which share its plans.
#pragma once

#include "../shared/cuda_processor.hpp"
#include "compiled_network.hpp"

namespace street_scenes {

template <class Net>
Memory cuda_memory(int images, bool accumulates, const shared::Processor& processor) {
  const auto bytes_of = [&]<class Backend>() {
    using Model = strata::Model<Net, Backend>;
    using strata::cuda::Inputs;
    const auto training = strata::cuda::training_bytes<Net, Backend>(images, measured_optimizer.slots, accumulates);
    const auto validation = strata::cuda::inference_bytes<Net, Backend>(1);
    const long parameters = 4L * Model::parameter_floats, all = parameters + 4L * Model::buffer_floats;
    return Memory{.training = training.values,
                  .validation = validation.values,
                  .numbers = training.numbers + validation.numbers,
                  .inputs = training.inputs + validation.inputs,
                  // Parameters, buffers and momentum; staging copies of parameters and batches for both sessions.
                  .host = all + parameters + parameters + all +
                          Inputs::host_bytes(images, Model::input, Model::output) +
                          Inputs::host_bytes(1, Model::input, {}),
                  .model = all};
  };
  return shared::with_backend(processor, bytes_of);
}

template <class Net>
strata::graph::Pace cuda_measure(int images, const shared::Processor& processor) {
  return shared::with_backend(processor, [&]<class Backend>() { return measure<Net, Backend>(images, processor); });
}

template <class Net>
strata::training::Run cuda_train(const TrainingTask& task) {
  return shared::with_backend(task.processor, [&]<class Backend>() { return train<Net, Backend>(task); });
}

template <class Net>
void cuda_segment(const std::string& weights, const shared::Processor& processor, int images, const Source& source,
                  const Segmented& take) {
  shared::with_backend(processor,
                       [&]<class Backend>() { segment<Net, Backend>(weights, processor, images, source, take); });
}

template <class Net>
void cuda_verify(const std::string& weights, float tolerance, const shared::Processor& processor) {
  shared::with_backend(processor, [&]<class Backend>() { verify<Net, Backend>(weights, tolerance, processor); });
}

template <int Height, int Width, class Variant, class Depths>
constexpr CompiledNetwork compiled_for_cuda(const char* size, const char* variant, const char* depths) {
  using Net = Street<Height, Width, Variant, Depths>;
  return {.size = size,
          .variant = variant,
          .depths = depths,
          .device = strata::Cuda::name,
          .input = {Height, Width, 3},
          .hash = strata::graph::network_hash<Net>,
          .facts = &facts<Net, &shared::cuda_summary<Net>>,
          .record = &shared::cuda_record,
          .work = shared::cuda_work<Net>,
          .memory = &cuda_memory<Net>,
          .measure = &cuda_measure<Net>,
          .train = &cuda_train<Net>,
          .segment = &cuda_segment<Net>,
          .verify = &cuda_verify<Net>};
}

template <class Variant>
std::vector<CompiledNetwork> compiled_networks_for_cuda(const char* variant) {
  return in_each_size_and_depth([variant]<int Height, int Width, class Depths>(const char* size, const char* depths) {
    return compiled_for_cuda<Height, Width, Variant, Depths>(size, variant, depths);
  });
}

}  // namespace street_scenes
