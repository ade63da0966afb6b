// SPDX-License-Identifier: MIT
// ResNet-18 (He et al. 2016) with torchvision's names and variable depth: the classifier, and the stages that other
// networks reuse.
#pragma once

#include <strata/spec/layers.hpp>

#include <utility>

namespace strata::models {

/// Convolution, batch norm, ReLU: H x W x C -> H' x W' x Channels, as Conv.
template <int Kernel, int Channels, class... Option>
using ConvBnRelu = Sequential<Conv<Kernel, Channels, Option...>, BatchNorm, ReLU>;

/// conv, bn, relu, conv, bn + shortcut, relu. `First` and `Second` list the options of the two convolutions.
template <int Channels, class Shortcut, class First, class Second>
struct BasicBlockOf;
template <int Channels, class Shortcut, class... First, class... Second>
struct BasicBlockOf<Channels, Shortcut, spec::type_list<First...>, spec::type_list<Second...>> {
  using Body = Sequential<Named<"conv1", Conv<3, Channels, First...>>, Named<"bn1", BatchNorm>, Named<"relu1", ReLU>,
                          Named<"conv2", Conv<3, Channels, Second...>>, Named<"bn2", BatchNorm>>;
  using type = Sequential<Named<"", Residual<Named<"", Body>, Shortcut>>, Named<"relu2", ReLU>>;
};

/// A block of two 3x3 convolutions around which the input is added: H x W x Channels -> H x W x Channels.
template <int Channels, class First, class Second = First>
using BasicBlock = typename BasicBlockOf<Channels, Identity, First, Second>::type;

/// The same with a 1x1 convolution in the shortcut.
template <int Channels, class First, class Second, class... Projection>
using ProjectionBlock =
    typename BasicBlockOf<Channels, Named<"downsample", Sequential<Conv<1, Channels, Projection...>, BatchNorm>>, First,
                          Second>::type;

namespace resnet {

struct Options {
  int depths[4] = {2, 2, 2, 2};
};

}  // namespace resnet

/// Option: the number of blocks in each of the four stages, at least 1. ResNet-18 is Depths<2, 2, 2, 2>, ResNet-34 is
/// Depths<3, 4, 6, 3>.
template <int First, int Second, int Third, int Fourth>
struct Depths {
  static_assert(First >= 1 && Second >= 1 && Third >= 1 && Fourth >= 1,
                "strata: Depths<...> has a stage without blocks; give each of the four stages at least 1");
  static constexpr void apply(resnet::Options& o) { o = {.depths = {First, Second, Third, Fourth}}; }
};

namespace resnet {

/// The depth of stage `layer`, 1 to 4.
template <class Depth>
constexpr int depth(int layer) {
  static_assert(
      requires(Options & o) { Depth::apply(o); },
      "strata: ResNet18 was given a type that is not one of its options; it takes Depths<2, 2, 2, 2>");
  Options options;
  Depth::apply(options);
  return options.depths[layer - 1];
}

template <class First, class Next, class More>
struct BlocksOf;
template <class First, class Next, int... I>
struct BlocksOf<First, Next, std::integer_sequence<int, I...>> {
  template <int>
  using Again = Next;
  using type = Sequential<First, Again<I>...>;
};
/// `Count` blocks in sequence, at positions 0, 1, ...: one `First`, then `Next`.
template <int Count, class First, class Next>
using Blocks = typename BlocksOf<First, Next, std::make_integer_sequence<int, Count - 1>>::type;

/// The layers before the first stage. `Option`: options of every convolution, other than padding. The convolutions of
/// the stages accept a map smaller than their kernel (Same), which a small image becomes there.
template <class... Option>
using Stem = Named<"", Sequential<Named<"conv1", Conv<7, 64, Stride<2>, Pad<3>, Option...>>, Named<"bn1", BatchNorm>,
                                  Named<"relu", ReLU>, Named<"maxpool", MaxPool<3, Stride<2>, Pad<1>>>>>;

template <int Count, class... Option>
using FirstStage =
    Blocks<Count, BasicBlock<64, spec::type_list<Same, Option...>>, BasicBlock<64, spec::type_list<Same, Option...>>>;

/// `Count` blocks. In the first one, the first convolution, padded by `Padding`, and the shortcut have stride `Step`.
/// All other 3x3 convolutions are dilated by `Rate`.
template <int Count, int Channels, int Step, class Padding, int Rate, class... Option>
using Stage = Blocks<Count,
                     ProjectionBlock<Channels, spec::type_list<Stride<Step>, Padding, Option...>,
                                     spec::type_list<Dilation<Rate>, Same, Option...>, Stride<Step>, Option...>,
                     BasicBlock<Channels, spec::type_list<Dilation<Rate>, Same, Option...>>>;

}  // namespace resnet

/// The ResNet-18 classifier (He et al., arXiv 1512.03385): `Classes` probabilities per image.
/// H x W x C -> 1 x 1 x Classes, in torchvision's form. `Depth`: Depths<2, 2, 2, 2>, or another ResNet of basic blocks.
// The comments give output stride and channels.
template <class Input, int Classes, class Depth = Depths<2, 2, 2, 2>>
using ResNet18 =
    Network<Input,                                                                               //
            resnet::Stem<NoBias>,                                                                // /4, 64
            Named<"layer1", resnet::FirstStage<resnet::depth<Depth>(1), NoBias>>,                // /4, 64
            Named<"layer2", resnet::Stage<resnet::depth<Depth>(2), 128, 2, Pad<1>, 1, NoBias>>,  // /8, 128
            Named<"layer3", resnet::Stage<resnet::depth<Depth>(3), 256, 2, Pad<1>, 1, NoBias>>,  // /16, 256
            Named<"layer4", resnet::Stage<resnet::depth<Depth>(4), 512, 2, Pad<1>, 1, NoBias>>,  // /32, 512
            Named<"avgpool", GlobalAvgPool>, Named<"fc", Dense<Classes>>, Softmax>;

/// ResNet-34, likewise.
template <class Input = Image<224, 224, 3>, int Classes = 1000>
using ResNet34 = ResNet18<Input, Classes, Depths<3, 4, 6, 3>>;

}  // namespace strata::models

namespace strata {
using models::ResNet18;
}  // namespace strata
