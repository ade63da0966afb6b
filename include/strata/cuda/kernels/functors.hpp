// SPDX-License-Identifier: MIT
// Functors after kernels. ReLU is applied as a value is computed; any other is a separate launch over stored values.
#pragma once

#include <strata/cuda/kernels/elementwise.hpp>

namespace strata::cuda::kernels {

inline bool is_relu(const Node& node) { return node.functor == graph::relu_functor; }
/// Whether the node has a functor other than ReLU, which the library's kernels do not apply themselves.
inline bool has_custom_functor(const Node& node) {
  return node.functor != graph::no_functor && node.functor != graph::relu_functor;
}
inline const DeviceFunctor& custom_functor(const Call& call) { return call.functors[call.node->functor]; }

inline void pointwise(const Call& call) {
  const long count = call.batch * call.node->out.size();
  if (is_relu(*call.node)) return add_all(call, call.inputs, 1, true, call.output, count);
  copy(call, call.inputs[0], call.output, count);
  custom_functor(call).apply(call, call.output, count);
}

/// Inputs: dy, and the functor's input or output.
inline void pointwise_gradient(const Call& call) {
  const long count = call.batch * call.node->out.size();
  if (is_relu(*call.node)) return relu_gradient(call, call.inputs[0], call.inputs[1], call.output, count);
  copy(call, call.inputs[0], call.output, count);
  custom_functor(call).scale(call, call.output, call.inputs[1], count);
}

inline void sum(const Call& call) {
  const long count = call.batch * call.node->out.size();
  add_all(call, call.inputs, call.node->input_count, is_relu(*call.node), call.output, count);
  if (has_custom_functor(*call.node)) custom_functor(call).apply(call, call.output, count);
}

}  // namespace strata::cuda::kernels
