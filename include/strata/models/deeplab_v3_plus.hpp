// SPDX-License-Identifier: MIT
// DeepLabv3+ (Chen et al. 2018) on ResNet-18: output stride 16, dilation 2 in the last stage, rates 6, 12, 18, plain
// convolutions. DeepLabv3Plus<Input, Classes, Variant, Option...>; options: ImagePooling, TrunkRate, Depths.
#pragma once

#include <strata/models/resnet18.hpp>

#include <type_traits>

namespace strata::models {

/// Variant: the network of MATLAB's deeplabv3plusLayers(size, classes, "resnet18"). Biases keep their initial value,
/// the head learns ten times faster, the stride of the third stage pads an even size only at the bottom and right, and
/// upsampling treats pixels outside as zeros.
struct MatlabLike {
  using TrunkBias = RateFactor<Real{1}, Real{0}>;  ///< option of the trunk's convolutions
  using HeadBias = RateFactor<Real{10}, Real{0}>;  ///< option of the head's convolutions
  using ScorerBias = HeadBias;                     ///< option of the last convolution
  using Padding = Same;                            ///< of the convolution with the third stage's stride
  using Enlarge = Upsample<4, ZeroExtended>;       ///< both times
};

/// Variant: the conventions of PyTorch models. Biases only where no batch norm follows, one rate for all, symmetric
/// padding, and bilinear upsampling with half-pixel centers.
struct TorchvisionLike {
  using TrunkBias = NoBias;                ///< option of the trunk's convolutions
  using HeadBias = NoBias;                 ///< option of the head's convolutions
  using ScorerBias = RateFactor<Real{1}>;  ///< option of the last convolution
  using Padding = Pad<1>;                  ///< of the convolution with the third stage's stride
  using Enlarge = Upsample<4>;             ///< both times
};

namespace deeplab {

struct Options : resnet::Options {
  bool image_pooling = false;
  double trunk_rate = 1;
};

}  // namespace deeplab

/// Option: the paper's fifth branch of the pyramid, the mean over the whole map.
struct ImagePooling {
  static constexpr void apply(deeplab::Options& o) { o.image_pooling = true; }
};

/// Option: the trunk's parameters learn at `Factor` times the rate; 0 freezes them, and no gradient is computed for
/// them.
template <Real Factor>
struct TrunkRate {
  static constexpr void apply(deeplab::Options& o) { o.trunk_rate = Factor.value; }
};

namespace deeplab {

template <class Option>
concept option = requires(Options& o) {
  Option::apply(o);
};

template <class... Option>
constexpr Options parse() {
  static_assert((option<Option> && ...),
                "strata: DeepLabv3Plus was given a type that is not one of its options; it takes ImagePooling, "
                "TrunkRate<Real{factor}> and Depths<2, 2, 2, 2>");
  Options options;
  (Option::apply(options), ...);
  return options;
}

/// The depths of the options, as a single option.
template <class... Option>
struct DepthOf {
  static constexpr void apply(resnet::Options& o) { o = parse<Option...>(); }
};

/// ResNet-18 without its classifier; the last stage dilates instead of striding. The comments give output stride and
/// channels.
template <class V, class Depth = Depths<2, 2, 2, 2>, class Bias = typename V::TrunkBias>
// clang-format off
using Trunk = Sequential<resnet::Stem<Bias>,                                                        // /4, 64
    Named<"layer1", resnet::FirstStage<resnet::depth<Depth>(1), Bias>>, Tap<"low">,                 // /4, 64
    Named<"layer2", resnet::Stage<resnet::depth<Depth>(2), 128, 2, Pad<1>, 1, Bias>>,               // /8, 128
    Named<"layer3", resnet::Stage<resnet::depth<Depth>(3), 256, 2, typename V::Padding, 1, Bias>>,  // /16, 256
    Named<"layer4", resnet::Stage<resnet::depth<Depth>(4), 512, 1, Pad<1>, 2, Bias>>>;              // /16, 512
// clang-format on

/// Convolution, batch norm and ReLU of the head.
template <class V, int Kernel, int Channels, class... Option>
using Block = ConvBnRelu<Kernel, Channels, typename V::HeadBias, Option...>;

/// Atrous spatial pyramid pooling: four branches at different rates, and optionally `More`, concatenated.
template <class V, class... More>
using Pyramid = Concat<Block<V, 1, 256>, Block<V, 3, 256, Dilation<6>, Same>, Block<V, 3, 256, Dilation<12>, Same>,
                       Block<V, 3, 256, Dilation<18>, Same>, More...>;
template <class V, bool WithImagePooling>
using Aspp = std::conditional_t<WithImagePooling, Pyramid<V, Broadcast<GlobalAvgPool, Block<V, 1, 256>>>, Pyramid<V>>;

}  // namespace deeplab

/// DeepLabv3+ on ResNet-18 (Chen et al., arXiv 1802.02611): class probabilities per pixel.
/// H x W x C -> H x W x Classes. `Variant`: MatlabLike or TorchvisionLike. Options: ImagePooling, TrunkRate, Depths.
template <class Input, int Classes, class Variant = MatlabLike, class... Option>
// clang-format off
using DeepLabv3Plus = Network<Input,                                                                   //
    Named<"backbone", AtRate<Real{deeplab::parse<Option...>().trunk_rate},                             //
                              deeplab::Trunk<Variant, deeplab::DepthOf<Option...>>>>,                  // /16, 512
    Named<"aspp", deeplab::Aspp<Variant, deeplab::parse<Option...>().image_pooling>>,                  // 1024 or 1280
    Named<"project", deeplab::Block<Variant, 1, 256>>, typename Variant::Enlarge,                      // /4, 256
    Named<"decoder", Concat<Sequential<From<"low">, deeplab::Block<Variant, 1, 48>>, CropTo<"low">>>,  // /4, 304
    Named<"refine", Sequential<deeplab::Block<Variant, 3, 256, Same>, deeplab::Block<Variant, 3, 256, Same>>>,     // /4, 256
    Named<"scorer", Conv<1, Classes, typename Variant::ScorerBias>>,                                   // /4
    typename Variant::Enlarge, CropToInput, PixelSoftmax>;
// clang-format on

}  // namespace strata::models

namespace strata {
using models::DeepLabv3Plus;
}  // namespace strata
