// SPDX-License-Identifier: MIT
// The network of the programs 7_export and 7_predict, under the names that PyTorch gives its tensors in 7_train.py.
#pragma once

#include <strata/spec/layers.hpp>

using Bars =
    strata::Network<strata::Image<16, 16, 1>,
                    strata::Named<"features", strata::Sequential<strata::Conv<3, 8, strata::NoBias>, strata::BatchNorm,
                                                                 strata::ReLU, strata::MaxPool<2>>>,
                    strata::Named<"classifier", strata::Dense<3>>, strata::Softmax>;
