// SPDX-License-Identifier: MIT
// AlexNet (Krizhevsky 2014, "One weird trick for parallelizing convolutional neural networks", arXiv 1404.5997).
#pragma once

#include <strata/spec/layers.hpp>

namespace strata::models {

/// AlexNet (Krizhevsky, arXiv 1404.5997) with torchvision's names: H x W x C -> 1 x 1 x Classes. `Drop`: the
/// probability of the two dropouts. `Hidden`: outputs of the two dense layers before the last.
template <class Input = Image<224, 224, 3>, int Classes = 1000, Real Drop = Real{0.5}, int Hidden = 4096>
using AlexNet =
    Network<Input,
            Named<"features", Sequential<Conv<11, 64, Stride<4>, Pad<2>>, ReLU, MaxPool<3, Stride<2>>,  // of 224 x 224:
                                                                                                        // 27 x 27
                                         Conv<5, 192, Pad<2>>, ReLU, MaxPool<3, Stride<2>>,             // 13 x 13
                                         Conv<3, 384, Pad<1>>, ReLU,                                    //
                                         Conv<3, 256, Pad<1>>, ReLU,                                    //
                                         Conv<3, 256, Pad<1>>, ReLU, MaxPool<3, Stride<2>>>>,           // 6 x 6
            Named<"avgpool", AdaptiveAvgPool<6, 6>>,
            Named<"classifier",
                  Sequential<Dropout<Drop>, Dense<Hidden>, ReLU, Dropout<Drop>, Dense<Hidden>, ReLU, Dense<Classes>>>,
            Softmax>;

}  // namespace strata::models
