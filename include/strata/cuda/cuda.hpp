// SPDX-License-Identifier: MIT
// The GPU back end: Model<Net, Cuda>, with the precision and the recomputation as policies. The plan is made by the compiler of
// the file that uses the model; the functors of the network are compiled for the device where STRATA_INSTANTIATE_CUDA(Net)
// stands, in one .cu of the program (instantiate.hpp); everything else is compiled once in strata::cuda.
#pragma once

#include <strata/core/parallel.hpp>
#include <strata/graph/policy.hpp>
#include <strata/cuda/training.hpp>
#include <strata/graph/plans.hpp>

#include <type_traits>

namespace strata {

// Precisions, as small types.
struct Tf32 { static constexpr cuda::Precision precision{cuda::Element::fp32, cuda::Compute::tf32, false}; };
struct Fp32 { static constexpr cuda::Precision precision{cuda::Element::fp32, cuda::Compute::fp32, false}; };
struct Fp16 { static constexpr cuda::Precision precision{cuda::Element::fp16, cuda::Compute::fp32, true}; };
struct Bf16 { static constexpr cuda::Precision precision{cuda::Element::bf16, cuda::Compute::fp32, false}; };

namespace cuda {

/// The functors of the network as launches: defined by STRATA_INSTANTIATE_CUDA(Net).
template <class Net>
const DeviceFunctor* device_functors();

template <class Policy>
constexpr bool is_precision() {
  return requires { Policy::precision; };
}

/// Convolutions of concatenated and enlarged maps stay as they are declared: cuDNN multiplies faster than one interpolates.
template <class... Policy>
constexpr graph::PlanOptions plan_options() {
  graph::PlanOptions options;
  const auto apply = [&]<class P>(std::type_identity<P>) {
    if constexpr (!is_precision<P>()) P::apply(options);
  };
  (apply(std::type_identity<Policy>{}), ...);
  options.rewrite.concat_of_resize = options.rewrite.mix_before_resize = false;
  return options;
}

template <class... Policy>
constexpr Precision precision() {
  Precision chosen = Tf32::precision;
  const auto take = [&]<class P>(std::type_identity<P>) {
    if constexpr (is_precision<P>()) chosen = P::precision;
  };
  (take(std::type_identity<Policy>{}), ...);
  return chosen;
}

template <class Plan>
constexpr PlanView view(const Plan& plan) {
  return {plan.nodes, plan.places, plan.count, plan.result, plan.frame, plan.fixed};
}

template <class Net, graph::PlanOptions Options>
Subject inference_subject() {
  return {view(graph::inference_plan<Net, layout, Options>), lowered<Net>.parameter_floats, lowered<Net>.buffer_floats, device_functors<Net>()};
}
template <class Net, graph::PlanOptions Options>
Subject training_subject() {
  return {view(graph::training_plan<Net, layout, Options>), lowered<Net>.parameter_floats, lowered<Net>.buffer_floats, device_functors<Net>()};
}

template <class Net, graph::PlanOptions Options, Precision In>
class Inference : public InferenceSession {
 public:
  /// The host's threads have nothing to do.
  explicit Inference(int max_batch, Workers&) : InferenceSession(inference_subject<Net, Options>(), In, max_batch) {}
};

/// A training step whose parameters and gradients are the host's, as every back end has it. A training that goes on keeps them
/// on the device (learner.hpp).
template <class Net, graph::PlanOptions Options, Precision In>
class Training {
 public:
  Training(int max_batch, Workers&) : session_(training_subject<Net, Options>(), In, max_batch) {}

  /// images.count in [1, max_batch]. gradients: of all parameters.
  StepResult step(const float* parameters, float* buffers, const Images& images, const Labels& labels, float* gradients,
                  const StepOptions& options) {
    if (images.count <= 0) return {};
    const double factor = In.scales_loss ? 1024 : 1;
    session_.put(parameters, buffers);
    session_.stage(images, labels);
    session_.launch(options, factor);
    const StepResult result = session_.finish();
    session_.fetch_buffers(buffers);
    if (!options.backward) return result;
    made_.resize(std::size_t(lowered<Net>.parameter_floats));
    session_.fetch_gradients(made_.data());
    for (std::size_t i = 0; i < made_.size(); i++)
      gradients[i] = (options.accumulate ? gradients[i] : 0.f) + made_[i] / float(factor);
    return result;
  }

 private:
  TrainingSession session_;
  std::vector<float> made_;
};

}  // namespace cuda

/// A GPU, with policies: a precision (Tf32, the default; Fp32, Fp16, Bf16), Recompute<...>.
template <class... Policy>
struct CudaWith {
  static constexpr const char* name = "cuda";
  static constexpr graph::PlanOptions options = cuda::plan_options<Policy...>();
  static constexpr cuda::Precision precision = cuda::precision<Policy...>();
  template <class Net>
  using Inference = cuda::Inference<Net, options, precision>;
  template <class Net>
  using Training = cuda::Training<Net, options, precision>;
};

struct Cuda : CudaWith<> {};

}  // namespace strata
