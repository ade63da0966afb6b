// SPDX-License-Identifier: MIT
// M5, a network of five layers over waveforms (Dai et al., arXiv 1610.00087).
#pragma once

#include <strata/spec/layers.hpp>

namespace strata::models {

/// M5 (Dai et al., arXiv 1610.00087): H x W x C -> 1 x 1 x Classes, of signals with one row; four seconds at 8 kHz in
/// the paper. `Channels`: of the first two layers.
template <class Input = Signal<32000, 1>, int Classes = 10, int Channels = 128>
using M5 =
    Network<Input,  //
            Named<"conv1", Conv1d<80, Channels, Stride<4>, Pad<0>>>, Named<"bn1", BatchNorm>, ReLU,
            MaxPool1d<4>,                                                                                  // /16
            Named<"conv2", Conv1d<3, Channels, Pad<0>>>, Named<"bn2", BatchNorm>, ReLU, MaxPool1d<4>,      // /64
            Named<"conv3", Conv1d<3, 2 * Channels, Pad<0>>>, Named<"bn3", BatchNorm>, ReLU, MaxPool1d<4>,  // /256
            Named<"conv4", Conv1d<3, 4 * Channels, Pad<0>>>, Named<"bn4", BatchNorm>, ReLU, MaxPool1d<4>,  // /1024
            GlobalAvgPool, Named<"fc1", Dense<Classes>>, Softmax>;

}  // namespace strata::models
