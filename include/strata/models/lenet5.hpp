// SPDX-License-Identifier: MIT
// LeNet-5 (LeCun et al. 1998, "Gradient-based learning applied to document recognition").
#pragma once

#include <strata/spec/layers.hpp>

namespace strata::models {

/// LeNet-5 (LeCun et al., doi 10.1109/5.726791): two convolutions and three dense layers, with tanh and average pools.
/// Each map of the second convolution reads all of the first's. H x W x C -> 1 x 1 x Classes; 32 x 32 in the paper.
template <class Input = Image<32, 32, 1>, int Classes = 10>
using LeNet5 =
    Network<Input,                                                  // of 32 x 32:
            Named<"conv1", Conv<5, 6, Pad<0>>>, Tanh, AvgPool<2>,   // 14 x 14 x 6
            Named<"conv2", Conv<5, 16, Pad<0>>>, Tanh, AvgPool<2>,  // 5 x 5 x 16
            Named<"fc1", Dense<120>>, Tanh, Named<"fc2", Dense<84>>, Tanh, Named<"fc3", Dense<Classes>>, Softmax>;

}  // namespace strata::models
