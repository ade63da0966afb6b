// SPDX-License-Identifier: MIT
// Executes a GraphDescription on given memory: the meaning of cuDNN's operations in a few loops. A graph computes in
// fp32, whatever the storage of its tensors; an operation rounds its result to the tensor's element type, and with
// Compute::tf32 factors are rounded to 10 bits. NaNs propagate: a ReLU does not hide them.
#pragma once

#include <strata/cuda/runtime/description.hpp>

#include <string>
#include <vector>

namespace strata::testing {

/// "", or why this graph is invalid: a shape that does not follow from the others, or a tensor that is read before it
/// is computed.
std::string validation_error(const cuda::GraphDescription& graph);

/// Executes a graph without a validation_error(). tensors[i]: the memory of tensor i; null for internal ones.
void execute(const cuda::GraphDescription& graph, void* const* tensors);

/// Rounds to a mantissa of 10 bits, to nearest, ties to even.
float round_to_tf32(float x);

}  // namespace strata::testing
