// SPDX-License-Identifier: MIT
#include "../shared/cuda_processor.hpp"
#include "compiled_network.hpp"

namespace {

using Net = strata::Digits<8, 16, 32>;
using digits::Trained, digits::TrainingTask, shared::Processor;

long training_bytes(int batch, const Processor& processor) {
  return shared::with_backend(processor, [&]<class Backend>() {
    return strata::cuda::value_bytes<Net, Backend, strata::graph::Mode::training>(batch);
  });
}

Trained train(const TrainingTask& task) {
  return shared::with_backend(task.processor, [&]<class Backend>() { return shared::train<Net, Backend>(task); });
}

std::vector<float> predict(const std::string& weights, const strata::Images& images, const Processor& processor) {
  return shared::with_backend(
      processor, [&]<class Backend>() { return digits::predict<Net, Backend>(weights, images, processor); });
}

void verify(const std::string& weights, float tolerance, const Processor& processor) {
  shared::with_backend(processor,
                       [&]<class Backend>() { digits::verify<Net, Backend>(weights, tolerance, processor); });
}

}  // namespace

const digits::CompiledNetwork digits::filters_8_16_32_cuda{.filters = "8,16,32",
                                                           .device = strata::Cuda::name,
                                                           .facts = &shared::facts<Net, &shared::cuda_summary<Net>>,
                                                           .record = &shared::cuda_record,
                                                           .work = shared::cuda_work<Net>,
                                                           .training_bytes = &::training_bytes,
                                                           .train = &::train,
                                                           .predict = &::predict,
                                                           .verify = &::verify};
