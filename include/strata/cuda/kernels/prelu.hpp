// SPDX-License-Identifier: MIT
// ReLU with learned slopes, and its gradients.
#pragma once

#include <strata/core/formulas/functions.hpp>
#include <strata/cuda/kernels/shared_sums.hpp>

namespace strata::cuda::kernels {

using namespace functions;

/// y = value where x > 0, else slope value; y may be value.
template <class T>
struct ApplySlopes {
  SharedIndex index;
  int channels;
  const T *x, *value;
  const float* slopes;
  T* y;

  STRATA_DEVICE void operator()(long i) const {
    const float v = to_float(value[i]);
    const long c = i - divide(i, channels) * channels;
    assign(y[i], where_positive(to_float(x[i]), v, v * slopes[index(c, 0)]));
  }
};

inline void apply_slopes(const Call& call, const char* name, Input value) {
  const Node& node = *call.node;
  with_element(call.element, [&](auto zero) {
    using T = decltype(zero);
    for_each(call.stream, name, call.batch * node.out.size(),
             ApplySlopes<T>{SharedIndex{node.share, node.in.pixels()}, node.in.channels,
                            static_cast<const T*>(call.inputs[Input::x]), static_cast<const T*>(call.inputs[value]),
                            call.parameter(node.weights), static_cast<T*>(call.output)});
  });
}

inline void prelu(const Call& call) { apply_slopes(call, "prelu", Input::x); }
inline void prelu_input_gradient(const Call& call) { apply_slopes(call, "prelu_input_gradient", Input::dy); }

/// dy x of an element whose x is not positive.
template <class T>
struct SlopeTerms {
  const T *dy, *x;

  STRATA_DEVICE void operator()(long i, float&, float& product) const {
    const float value = to_float(x[i]);
    product += where_positive(value, 0.f, value * to_float(dy[i]));
  }
};

inline void prelu_weight_gradient(const Call& call) {
  with_element(call.element, [&](auto zero) {
    using T = decltype(zero);
    sum_shared(
        call, "prelu_weight_gradient", "prelu_weight_gradient_parts",
        SlopeTerms<T>{static_cast<const T*>(call.inputs[Input::dy]), static_cast<const T*>(call.inputs[Input::x])});
  });
}

}  // namespace strata::cuda::kernels
