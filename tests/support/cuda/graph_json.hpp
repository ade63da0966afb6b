// SPDX-License-Identifier: MIT
// The JSON that cuDNN's front end makes of a graph, read back: what was handed over, whatever was meant. Tensor i is the one of
// uid i; how fp32 is multiplied does not stand in the JSON. What a description cannot say is refused, not skipped.
#pragma once

#include <strata/cuda/description.hpp>

#include <string>

namespace strata::testing {

/// Tensors that no operation uses do not stand in the JSON; those before the last that does are left as GraphTensor{} is.
cuda::GraphDescription read_graph_json(const std::string& json, cuda::Compute compute);

}  // namespace strata::testing
