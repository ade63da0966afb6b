// SPDX-License-Identifier: MIT
// VGG-16 (Simonyan and Zisserman, arXiv 1409.1556).
#pragma once

#include <strata/spec/layers.hpp>

namespace strata::models {

/// VGG-16 (Simonyan and Zisserman, arXiv 1409.1556) with torchvision's names: H x W x C -> 1 x 1 x Classes. `Drop`: the
/// probability of the two dropouts. `Hidden`: outputs of the two dense layers before the last.
template <class Input = Image<224, 224, 3>, int Classes = 1000, Real Drop = Real{0.5}, int Hidden = 4096>
using VGG16 = Network<
    Input,
    Named<"features",
          Sequential<
              Conv<3, 64, Pad<1>>, ReLU, Conv<3, 64, Pad<1>>, ReLU, MaxPool<2>,                                // /2
              Conv<3, 128, Pad<1>>, ReLU, Conv<3, 128, Pad<1>>, ReLU, MaxPool<2>,                              // /4
              Conv<3, 256, Pad<1>>, ReLU, Conv<3, 256, Pad<1>>, ReLU, Conv<3, 256, Pad<1>>, ReLU, MaxPool<2>,  // /8
              Conv<3, 512, Pad<1>>, ReLU, Conv<3, 512, Pad<1>>, ReLU, Conv<3, 512, Pad<1>>, ReLU, MaxPool<2>,  // /16
              Conv<3, 512, Pad<1>>, ReLU, Conv<3, 512, Pad<1>>, ReLU, Conv<3, 512, Pad<1>>, ReLU, MaxPool<2>>>,
    Named<"avgpool", AdaptiveAvgPool<7, 7>>,
    Named<"classifier",
          Sequential<Dense<Hidden>, ReLU, Dropout<Drop>, Dense<Hidden>, ReLU, Dropout<Drop>, Dense<Classes>>>,
    Softmax>;

}  // namespace strata::models
