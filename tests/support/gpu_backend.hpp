// SPDX-License-Identifier: MIT
// The GPU back end on the device that stands in for one (support/cuda), in plain fp32. The networks' device code is
// compiled elsewhere: cuda_backend.hpp in the file itself, cuda/functor_code.cpp for lists of networks.
#pragma once

#include <strata/cuda/cuda.hpp>

#include "check_backend.hpp"
#include "cuda/recording_runtime.hpp"

namespace strata::testing {

/// Node by node, in a precision that can be compared with the reference.
struct Gpu : CudaWith<Fp32> {
  /// Without the single kernel of small networks, which has its own tests.
  template <class Net>
  struct Inference : cuda::InferenceSession {
    Inference(int max_batch, core::Workers&)
        : cuda::InferenceSession(
              cuda::subject_of<Net>(cuda::view(graph::inference_plan<Net, cuda::layout, options>), false), precision,
              max_batch) {}
  };
};

inline void check_no_violation() {
  for (const std::string& what : device::log().violations) FAIL_CHECK(what);
}

/// Checks the behavior of `Net`, and that the device reports no violation.
template <class Net>
void check_gpu(std::initializer_list<int> batches = {1, 7}) {
  check_backend<Gpu, Net>(batches, {1});
  check_no_violation();
}

}  // namespace strata::testing
