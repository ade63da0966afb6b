// SPDX-License-Identifier: MIT
// The four networks of MLPerf Tiny (Banbury et al., arXiv 2106.07597; github.com/mlcommons/tiny), as types; with the
// digits network, those that measure.sh measures.
#pragma once

#include <strata/models/digits.hpp>
#include <strata/spec/layers.hpp>

namespace mlperf_tiny {

using namespace strata;

using Norm = BatchNormWith<1e-3, 0.1>;  // Keras's epsilon

/// Two convolutions and what bypasses them.
template <int C, int Step, class Shortcut>
using Stage = Sequential<Residual<Sequential<Conv<3, C, Stride<Step>>, Norm, ReLU, Conv<3, C>, Norm>, Shortcut>, ReLU>;

/// Ten classes of 32 x 32 pictures: CIFAR-10.
using ResNet8 = Network<Image<32, 32, 3>,                      //
                        Conv<3, 16>, Norm, ReLU,               // 32 x 32 x 16
                        Stage<16, 1, Identity>,                //
                        Stage<32, 2, Conv<1, 32, Stride<2>>>,  // 16 x 16 x 32
                        Stage<64, 2, Conv<1, 64, Stride<2>>>,  // 8 x 8 x 64
                        AvgPool<8>, Dense<10>, Softmax>;

/// A depthwise convolution and a 1x1 one.
template <int C, int Step = 1>
using Separable = Sequential<DepthwiseConv<3, Stride<Step>>, Norm, ReLU, Conv<1, C>, Norm, ReLU>;

/// Whether a person is in a 96 x 96 picture: MobileNetV1 of a quarter of the width.
using MobileNet = Network<Image<96, 96, 3>, Conv<3, 8, Stride<2>>, Norm, ReLU,                // 48 x 48 x 8
                          Separable<16>, Separable<32, 2>, Separable<32>,                     // 24 x 24 x 32
                          Separable<64, 2>, Separable<64>, Separable<128, 2>,                 // 6 x 6 x 128
                          Repeat<5, Separable<128>>,                                          //
                          Separable<256, 2>, Separable<256>, AvgPool<3>, Dense<2>, Softmax>;  // 3 x 3 x 256

/// The same whose batch norms are folded into the convolutions.
using Folded = Sequential<DepthwiseConv<3>, ReLU, Conv<1, 64>, ReLU>;

/// Twelve spoken words, from 49 spectra of 10 coefficients.
using DsCnn = Network<Image<49, 10, 1>, Conv<Size{10, 4}, 64, Stride<2>>, ReLU,  // 25 x 5 x 64
                      Folded, Folded, Folded, Folded, AvgPool<Size{25, 5}>, Dense<12>, Softmax>;

template <int N>
using Layer = Sequential<Dense<N>, ReLU>;

/// The noises of a machine: a spectrum, squeezed through eight numbers. The batch norms are folded, too.
using Autoencoder = Network<Image<1, 1, 640>, Layer<128>, Layer<128>, Layer<128>, Layer<128>, Layer<8>, Layer<128>,
                            Layer<128>, Layer<128>, Layer<128>, Dense<640>>;

/// Number i of the input that the programs for microcontrollers draw, [H][W][C]: a whole number below 256.
constexpr int drawn_number(int i) { return i * 37 % 251; }

}  // namespace mlperf_tiny
