// SPDX-License-Identifier: MIT
// Model<Net, CudaWith<DataParallel>>: trains on all devices that the environment names (world.hpp), of one process or of many.
// train() is called as for one device, in every process with the same data, options and seed. Include <strata/cuda.hpp> beside it, link
// strata::nccl.
#pragma once

#include <strata/dist/parallel_learner.hpp>
#include <strata/graph/policy.hpp>

namespace strata {

/// A policy of the back end Cuda. Inference, and everything else that is not training, is of the process's own device.
struct DataParallel {
  static constexpr void apply(graph::PlanOptions&) {}

  /// What becomes of the learner of one device, which has `static Shape scores()` and is made of
  /// (const Lesson&, cuda::Device&, cuda::Reducer*).
  template <class Single>
  class Learner : public dist::ParallelLearner {
   public:
    explicit Learner(const Lesson& lesson)
        : ParallelLearner(lesson, Single::scores(), dist::World::from_environment(), dist::devices_from_environment(cuda::Device::count()),
                          [](const Lesson& own, cuda::Device& device, cuda::Reducer* reducer) -> std::unique_ptr<strata::Learner> {
                            return std::make_unique<Single>(own, device, reducer);
                          }) {}
  };
};

}  // namespace strata
