// SPDX-License-Identifier: MIT
// Functors after kernels. ReLU is applied as a value is computed; any other is a separate launch over stored values.
#pragma once

#include <strata/cuda/kernels/elementwise.hpp>

namespace strata::cuda::kernels {

inline bool is_relu(const Node& node) { return node.epilogue.functor == graph::relu_functor; }
/// Whether the node has a functor other than ReLU, which the library's kernels do not apply themselves.
inline bool has_custom_functor(const Node& node) {
  return node.epilogue.functor != graph::no_functor && node.epilogue.functor != graph::relu_functor;
}
inline const DeviceFunctor& custom_functor(const Call& call) { return call.functors[call.node->epilogue.functor]; }

inline void pointwise(const Call& call) {
  const long count = call.batch * call.node->out.size();
  if (is_relu(*call.node)) return add_all(call, call.inputs.begin(), 1, true, call.output, count);
  copy(call, call.inputs[Input::x], call.output, count);
  custom_functor(call).apply(call, call.output, count);
}

inline void pointwise_gradient(const Call& call) {
  const long count = call.batch * call.node->out.size();
  const void *dy = call.inputs[Input::dy], *argument = call.inputs[Input::argument];
  if (is_relu(*call.node)) return relu_gradient(call, dy, argument, call.output, count);
  copy(call, dy, call.output, count);
  custom_functor(call).scale(call, call.output, argument, count);
}

inline void sum(const Call& call) {
  const long count = call.batch * call.node->out.size();
  add_all(call, call.inputs.begin(), call.inputs.count(), is_relu(*call.node), call.output, count);
  if (has_custom_functor(*call.node)) custom_functor(call).apply(call, call.output, count);
}

}  // namespace strata::cuda::kernels
