// SPDX-License-Identifier: MIT
// A GraphDescription, computed in the memory where it stands: the meaning of cuDNN's operations in a few loops. Whatever a tensor
// is stored as, a graph computes on fp32; a tensor is rounded to its element where an operation makes it, and factors of
// Compute::tf32 to 10 bits. Numbers that are none go on: a ReLU does not hide them.
#pragma once

#include <strata/cuda/description.hpp>

#include <string>
#include <vector>

namespace strata::testing {

/// Bytes from the first element to behind the last.
long extent_bytes(const cuda::GraphTensor& t);

/// "", or why this is no graph: a shape that does not follow from the others, a tensor read before it is made.
std::string mistake(const cuda::GraphDescription& graph);

/// tensors[i]: memory of tensor i; null for internal ones. The graph has no mistake.
void execute(const cuda::GraphDescription& graph, void* const* tensors);

/// To 10 bits behind the point, to the nearest, ties to even.
float round_to_tf32(float x);

}  // namespace strata::testing
