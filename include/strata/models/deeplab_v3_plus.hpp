// SPDX-License-Identifier: MIT
// DeepLabv3+ (Chen et al. 2018) on ResNet-18 as MATLAB's deeplabv3plusLayers builds it: output stride 16, dilation 2 in
// the last stage, rates 6, 12, 18, plain convolutions, no image pooling, fixed bilinear upsampling with zeros outside,
// biases that keep their initial value, and a head that learns ten times faster.
#pragma once

#include <strata/models/resnet18.hpp>

namespace strata {

namespace deeplab {

using Frozen = RateFactor<Real{1}, Real{0}>;   // of the trunk: the bias stays
using Head = RateFactor<Real{10}, Real{0}>;    // of the head

template <int Kernel, int Channels, class... Option>
using Trunk = ConvBnRelu<Kernel, Channels, Frozen, Option...>;
template <int Kernel, int Channels, class... Option>
using HeadBlock = ConvBnRelu<Kernel, Channels, Head, Option...>;

template <class... Option>
using options = type_list<Frozen, Option...>;

using Stem = Sequential<Trunk<7, 64, Stride<2>, Pad<3>>, MaxPool<3, Stride<2>, Pad<1>>>;  // /4, 64

using Stage2 = Sequential<BasicBlock<64, options<Pad<1>>>, BasicBlock<64, options<Pad<1>>>>;
using Stage3 = Sequential<ProjectionBlock<128, options<Stride<2>, Pad<1>>, options<Pad<1>>, Frozen, Stride<2>, Pad<0>>,
                          BasicBlock<128, options<Pad<1>>>>;  // /8
using Stage4 = Sequential<ProjectionBlock<256, options<Stride<2>, Same>, options<Pad<1>>, Frozen, Stride<2>, Same>,
                          BasicBlock<256, options<Pad<1>>>>;  // /16
using Stage5 = Sequential<ProjectionBlock<512, options<Same>, options<Same, Dilation<2>>, Frozen>,
                          BasicBlock<512, options<Same, Dilation<2>>>>;

/// Atrous spatial pyramid pooling: four views of the map at different rates, side by side.
using Aspp = Concat<HeadBlock<1, 256>, HeadBlock<3, 256, Dilation<6>>, HeadBlock<3, 256, Dilation<12>>, HeadBlock<3, 256, Dilation<18>>>;

}  // namespace deeplab

template <class Input, int Classes>
using DeepLabv3Plus = Network<Input,                                                                             //
    Named<"stem", deeplab::Stem>, Named<"layer1", deeplab::Stage2>, Tap<"low">,                                   // /4, 64
    Named<"layer2", deeplab::Stage3>, Named<"layer3", deeplab::Stage4>, Named<"layer4", deeplab::Stage5>,         // /16, 512
    Named<"aspp", deeplab::Aspp>, Named<"project", deeplab::HeadBlock<1, 256>>, Upsample<4, ZeroExtended>,        // /4, 256
    Named<"decoder", Concat<Sequential<From<"low">, deeplab::HeadBlock<1, 48>>, CropTo<"low">>>,                  // /4, 304
    Named<"refine", Sequential<deeplab::HeadBlock<3, 256>, deeplab::HeadBlock<3, 256>>>,                          // /4, 256
    Named<"scorer", Conv<1, Classes, deeplab::Head>>, Upsample<4, ZeroExtended>, CropToInput, PixelSoftmax>;

}  // namespace strata
