// SPDX-License-Identifier: MIT
// Policies of the GPU back end, and the options of its plans.
#pragma once

#include <strata/cuda/runtime/precision.hpp>
#include <strata/graph/policy.hpp>

#include <type_traits>

namespace strata {

// Precisions as policies of CudaWith: CudaWith<Bf16>.

/// fp32 tensors, multiplied in TF32 (10 bits of mantissa); the default.
struct Tf32 {
  static constexpr cuda::Precision precision{cuda::Element::fp32, cuda::Compute::tf32,
                                             false};  ///< of tensors and products
};
/// fp32 tensors, multiplied in fp32.
struct Fp32 {
  static constexpr cuda::Precision precision{cuda::Element::fp32, cuda::Compute::fp32,
                                             false};  ///< of tensors and products
};
/// fp16 tensors; gradients are scaled to stay in range.
struct Fp16 {
  static constexpr cuda::Precision precision{cuda::Element::fp16, cuda::Compute::fp32,
                                             true};  ///< of tensors and products
};
/// bf16 tensors.
struct Bf16 {
  static constexpr cuda::Precision precision{cuda::Element::bf16, cuda::Compute::fp32,
                                             false};  ///< of tensors and products
};

namespace cuda {

/// Whether a policy is a precision.
template <class Policy>
constexpr bool is_precision = requires {
  Policy::precision;
};
/// Whether a policy shares batches among devices.
template <class Policy>
constexpr bool is_sharing = requires {
  Policy::shares_batches;
};

/// The plan options of the policies. Convolutions of concatenated and enlarged maps stay as declared: cuDNN has no
/// kernel for their sums of taps.
template <class... Policy>
constexpr graph::PlanOptions plan_options() {
  graph::PlanOptions options;
  [[maybe_unused]] const auto apply = [&]<class P>(std::type_identity<P>) {
    if constexpr (!is_precision<P> && !is_sharing<P>) P::apply(options);
  };
  (apply(std::type_identity<Policy>{}), ...);
  options.rewrite.concat_of_resize = options.rewrite.mix_before_resize = false;
  options.fuse.joins = true;
  return options;
}

/// The precision among the policies; Tf32 if there is none.
template <class... Policy>
constexpr Precision precision() {
  Precision chosen = Tf32::precision;
  [[maybe_unused]] const auto take = [&]<class P>(std::type_identity<P>) {
    if constexpr (is_precision<P>) chosen = P::precision;
  };
  (take(std::type_identity<Policy>{}), ...);
  return chosen;
}

/// Finds the policy that shares batches.
template <class... Policy>
struct SharingOf {
  using type = void;
};
template <class First, class... Rest>
struct SharingOf<First, Rest...> {
  using type = std::conditional_t<is_sharing<First>, First, typename SharingOf<Rest...>::type>;
};
/// The policy by which several devices share batches, or void.
template <class... Policy>
using sharing = typename SharingOf<Policy...>::type;

}  // namespace cuda
}  // namespace strata
