// SPDX-License-Identifier: MIT
// The networks of the examples, and a few that others bring.
#include <strata/models/deeplab_v3_plus.hpp>
#include <strata/models/digits.hpp>

#include "fingerprint.hpp"

namespace strata::testing {

using Inverted = Residual<Sequential<Conv<1, 48, NoBias>, BatchNorm, ReLU, DepthwiseConv<3>, BatchNorm, ReLU,
                                     Conv<1, 16, NoBias>, BatchNorm>>;
using Mobile = Network<Image<24, 20, 3>, Conv<3, 16, Stride<2>, NoBias>, BatchNorm, ReLU, Inverted, Inverted,
                       GlobalAvgPool, Dense<10>, Softmax>;
using Unet = Network<Image<16, 24, 3>, Conv<3, 8>, ReLU, Tap<"fine">, MaxPool<2>, Conv<3, 16>, GELU,
                     TransposedConv<2, 8, Stride<2>>, Concat<Identity, From<"fine">>, Conv<3, 8>, ReLU, Conv<1, 4>,
                     PixelSoftmax>;

static const Fingerprinted networks([] {
  print_all<Digits<>>("digits", 33);
  print_all<Mobile>("mobile", 9);
  print_all<Unet>("unet", 9);
  print_plans_and_cpu<DeepLabv3Plus<Image<96, 128, 3>, 11, models::MatlabLike>>("deeplab-matlab", 2);
  print_plans_and_cpu<DeepLabv3Plus<Image<96, 128, 3>, 11, models::TorchvisionLike>>("deeplab-torchvision", 2);
});

}  // namespace strata::testing
