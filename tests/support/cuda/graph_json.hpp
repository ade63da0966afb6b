// SPDX-License-Identifier: MIT
// Reads back the JSON that cuDNN's front end makes of a graph: what was handed over, whatever was meant. Tensor i is
// the one with uid i; the JSON does not say how fp32 is multiplied. Whatever a description cannot express is refused,
// not skipped.
#pragma once

#include <strata/cuda/runtime/description.hpp>

#include <string>

namespace strata::testing {

/// The graph of the JSON. Tensors that no operation uses are missing in it, and stay GraphTensor{} before the last that
/// is used.
cuda::GraphDescription read_graph_json(const std::string& json, cuda::Compute compute);

}  // namespace strata::testing
