// SPDX-License-Identifier: MIT
// The digits classifier: three convolutions with batch norm, two max pools, one dense layer.
#pragma once

#include <strata/spec/layers.hpp>

namespace strata::models {

/// Classifies 28 x 28 grayscale images as digits: 10 probabilities.
/// 28 x 28 x 1 -> 1 x 1 x 10, the network of the MATLAB workshop that README.md names. First, Second, Third: channels
/// of the convolutions.
template <int First = 8, int Second = 16, int Third = 32>
using Digits = Network<Image<28, 28, 1>,                              //
                       Conv<3, First>, BatchNorm, ReLU, MaxPool<2>,   // 14 x 14 x First
                       Conv<3, Second>, BatchNorm, ReLU, MaxPool<2>,  // 7 x 7 x Second
                       Conv<3, Third>, BatchNorm, ReLU,               // 7 x 7 x Third
                       Dense<10>, Softmax>;                           // 10 probabilities

}  // namespace strata::models

namespace strata {
using models::Digits;
}  // namespace strata
