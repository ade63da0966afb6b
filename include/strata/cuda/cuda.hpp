// SPDX-License-Identifier: MIT
// The GPU back end: Model<Net, Cuda>, with precision and recomputation as policies. The plan is computed by the
// compiler of the file that uses the model. The network's device code is compiled where STRATA_INSTANTIATE_CUDA(Net)
// is, in one .cu of the program (instantiate.hpp). Everything else is compiled once, in strata::cuda.
#pragma once

#include <strata/core/threads/parallel.hpp>
#include <strata/cuda/planning/options.hpp>
#include <strata/cuda/sessions/training.hpp>

namespace strata {

namespace cuda {

/// What a session runs: a plan, with the network's tables and device code.
template <class Net>
Subject subject_of(const PlanView& plan, bool may_be_whole) {
  const DeviceCode code = device_code<Net>();
  return {plan,
          graph::lowered<Net>.parameters,
          graph::lowered<Net>.parameter_count,
          graph::lowered<Net>.parameter_floats,
          graph::lowered<Net>.buffer_floats,
          code.functors,
          may_be_whole ? code.whole : nullptr};
}

/// The kernel of a whole network is compiled only for the plan without policies, with fp32 tensors.
template <class Net, graph::PlanOptions Options, Precision In>
Subject inference_subject() {
  constexpr bool own = Options == plan_options<>() && In.element == Element::fp32;
  return subject_of<Net>(view(graph::inference_plan<Net, layout, Options>), own);
}
/// The same for training.
template <class Net, graph::PlanOptions Options>
Subject training_subject() {
  return subject_of<Net>(view(graph::training_plan<Net, layout, Options>), false);
}

/// Inference on batches of up to max_batch images, on the device.
template <class Net, graph::PlanOptions Options, Precision In>
class Inference : public InferenceSession {
 public:
  /// The host's threads are not used. Throws Error if there is no device or it has no room for max_batch images.
  explicit Inference(int max_batch, core::Workers&)
      : InferenceSession(inference_subject<Net, Options, In>(), In, max_batch) {}
};

/// Training steps with parameters and gradients on the host, the interface of every back end. CudaLearner keeps them on
/// the device from step to step (cuda/cuda_learner.hpp).
template <class Net, graph::PlanOptions Options, Precision In>
class Training {
 public:
  /// Throws Error if there is no device or it has no room for max_batch images.
  Training(int max_batch, core::Workers&) : session_(training_subject<Net, Options>(), In, {.images = max_batch}) {}

  /// Sums over the batch [images.count][H][W][C]; images.count <= max_batch; 0 images: an empty result. parameters,
  /// buffers and gradients are host memory in PyTorch's order; updates the running statistics in `buffers`. Throws
  /// Error where the device fails.
  core::StepResult step(const float* parameters, float* buffers, const Images& images, const Labels& labels,
                        float* gradients, const core::StepOptions& options) {
    if (images.count <= 0) return {};
    const double factor = In.scales_loss ? 1024 : 1;
    session_.put(parameters, buffers);
    session_.stage(images, labels);
    core::StepOptions alone = options;
    alone.accumulate = false;  // the host adds the gradients
    session_.launch(alone, factor);
    const core::StepResult result = session_.finish();
    session_.copy_sums_of_heads(options.more);
    session_.fetch_buffers(buffers);
    if (!options.backward) return result;
    made_.resize(std::size_t(graph::lowered<Net>.parameter_floats));
    session_.fetch_gradients(made_.data());
    for (std::size_t i = 0; i < made_.size(); i++)
      gradients[i] = (options.accumulate ? gradients[i] : 0.f) + made_[i] / float(factor);
    return result;
  }

  /// How long the last step took, one for each piece in plan order; empty unless it was eager (runtime/eager.hpp).
  std::span<const StepTime> times() const { return session_.times(); }

 private:
  TrainingSession session_;
  std::vector<float> made_;
};

}  // namespace cuda

/// The GPU back end with policies: a precision (Tf32, the default; Fp32, Fp16, Bf16), Recompute<...>, DataParallel
/// (dist/data_parallel.hpp).
template <class... Policy>
struct CudaWith {
  static constexpr const char* name = "cuda";
  static constexpr bool learns_on_device = true;  ///< train() keeps parameters and gradients on the device
  static constexpr graph::PlanOptions options = cuda::plan_options<Policy...>();  ///< what the policies say
  static constexpr cuda::Precision precision = cuda::precision<Policy...>();      ///< of tensors and products
  using Sharing = cuda::sharing<Policy...>;                                       ///< DataParallel, or void
  template <class Net>
  using Inference = cuda::Inference<Net, options, precision>;
  template <class Net>
  using Training = cuda::Training<Net, options, precision>;
};

/// The GPU back end without policies: fp32 tensors, multiplied in TF32.
struct Cuda : CudaWith<> {};

}  // namespace strata
