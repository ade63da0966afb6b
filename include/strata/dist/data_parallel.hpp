// SPDX-License-Identifier: MIT
// Model<Net, CudaWith<DataParallel>>: trains on all devices that the environment names
// (cuda/runtime/device_choice.hpp), of many processes with one each (README.md) or of one. train() is called as for one
// device, in every process with the same data, options and seed. Include <strata/cuda.hpp> too, and link strata::nccl.
#pragma once

#include <strata/dist/parallel_learner.hpp>

namespace strata::dist {

/// A policy of the back end Cuda. Inference, and everything else but training, runs on the process's own device.
struct DataParallel {
  static constexpr bool shares_batches = true;  ///< among devices
  /// The learner of all devices; `make` makes that of one. Throws Error where the environment is wrong or the processes
  /// do not meet.
  static std::unique_ptr<training::Learner> learner(const training::Lesson& lesson, int sources,
                                                    const std::vector<Shape>& outputs, const dist::MakeLearner& make) {
    return std::make_unique<dist::ParallelLearner>(lesson, sources, outputs, dist::World::from_environment(),
                                                   cuda::chosen_devices(cuda::Device::count()), make);
  }
};

}  // namespace strata::dist
