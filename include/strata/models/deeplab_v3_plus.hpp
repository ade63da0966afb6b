// SPDX-License-Identifier: MIT
// DeepLabv3+ (Chen et al. 2018) with plain convolutions, on ResNet-18, ResNet-50 or MobileNetV2: output stride 16, with
// dilation 2 in the last stage and rates 6, 12, 18, or 8, with twice these. DeepLabv3Plus<Input, Classes, Variant,
// Option...>; options: On, OutputStride, ImagePooling, TrunkRate, Depths.
#pragma once

#include <strata/models/mobilenet_v2.hpp>
#include <strata/models/resnet18.hpp>
#include <strata/models/resnet50.hpp>

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
  template <int Factor>
  using EnlargeBy = Upsample<Factor, ZeroExtended>;  ///< both times
  using Enlarge = EnlargeBy<4>;                      ///< the last time
};

/// Variant: the conventions of PyTorch models. Biases only where no batch norm follows, one rate for all, symmetric
/// padding, and bilinear upsampling with half-pixel centers.
struct TorchvisionLike {
  using TrunkBias = NoBias;                ///< option of the trunk's convolutions
  using HeadBias = NoBias;                 ///< option of the head's convolutions
  using ScorerBias = RateFactor<Real{1}>;  ///< option of the last convolution
  using Padding = Pad<1>;                  ///< of the convolution with the third stage's stride
  template <int Factor>
  using EnlargeBy = Upsample<Factor>;  ///< both times
  using Enlarge = EnlargeBy<4>;        ///< the last time
};

namespace deeplab {

struct Options : resnet::Options {
  bool image_pooling = false;
  double trunk_rate = 1;
  int output_stride = 16;
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

/// Option: the rows and columns of the input per one of the trunk's last map: 16, or 8, with which the pyramid's rates
/// are 12, 24 and 36.
template <int Stride>
struct OutputStride {
  static_assert(Stride == 8 || Stride == 16, "strata: OutputStride<...> is neither 8 nor 16; give one of these");
  static constexpr void apply(deeplab::Options& o) { o.output_stride = Stride; }
};

/// Option: the trunk, ResNet18Trunk (the default), ResNet50Trunk, MobileNetV2Trunk or your own, a struct with the same
/// two members.
template <class Trunk>
struct On {
  static constexpr void apply(deeplab::Options&) {}
};

namespace deeplab {

template <class Option>
concept option = requires(Options& o) {
  Option::apply(o);
};

/// The trunk that the options name.
template <class Default, class... Option>
struct TrunkOf {
  using type = Default;
};
template <class Default, class First, class... More>
struct TrunkOf<Default, First, More...> : TrunkOf<Default, More...> {};
template <class Default, class Trunk, class... More>
struct TrunkOf<Default, On<Trunk>, More...> {
  using type = Trunk;
};

template <class Trunk, class... Option>
constexpr Options parse() {
  static_assert((option<Option> && ...),
                "strata: DeepLabv3Plus was given a type that is not one of its options; it takes ImagePooling, "
                "TrunkRate<Real{factor}>, Depths<2, 2, 2, 2>, OutputStride<8> and On<ResNet50Trunk>");
  Options options{{.depths = {Trunk::depths[0], Trunk::depths[1], Trunk::depths[2], Trunk::depths[3]}}};
  (Option::apply(options), ...);
  return options;
}

/// The depths of the options, as a single option.
template <class Trunk, class... Option>
struct DepthOf {
  static constexpr void apply(resnet::Options& o) { o = parse<Trunk, Option...>(); }
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

/// A stage of basic blocks with dilation in place of its stride: `Before` in the first convolution, as in the stage
/// before, then `Rate`.
template <int Count, int Channels, int Before, int Rate, class Bias>
using DilatedStage = resnet::Blocks<Count,
                                    ProjectionBlock<Channels, spec::type_list<Dilation<Before>, Same, Bias>,
                                                    spec::type_list<Dilation<Rate>, Same, Bias>, Bias>,
                                    BasicBlock<Channels, spec::type_list<Dilation<Rate>, Same, Bias>>>;

/// The same with output stride 8.
template <class V, class Depth, class Bias = typename V::TrunkBias>
using FineTrunk = Sequential<resnet::Stem<Bias>,                                                              //
                             Named<"layer1", resnet::FirstStage<resnet::depth<Depth>(1), Bias>>, Tap<"low">,  //
                             Named<"layer2", resnet::Stage<resnet::depth<Depth>(2), 128, 2, Pad<1>, 1, Bias>>,
                             Named<"layer3", DilatedStage<resnet::depth<Depth>(3), 256, 1, 2, Bias>>,   // /8, 256
                             Named<"layer4", DilatedStage<resnet::depth<Depth>(4), 512, 2, 4, Bias>>>;  // /8, 512

/// ResNet-50 without its classifier.
template <class Depth, class Third, class Fourth>
using Trunk50 = Sequential<resnet::Stem<NoBias>,                                                                  //
                           Named<"layer1", resnet::BottleneckStage<resnet::depth<Depth>(1), 64, 1>>, Tap<"low">,  //
                           Named<"layer2", resnet::BottleneckStage<resnet::depth<Depth>(2), 128, 2>>,             //
                           Named<"layer3", Third>, Named<"layer4", Fourth>>;

/// MobileNetV2 without its last convolution and its classifier; `Middle` and `End` list what is strided there.
template <class Middle, class End>
struct FeaturesOf;
template <class... Middle, class... End>
struct FeaturesOf<spec::type_list<Middle...>, spec::type_list<End...>> {
  using Low = Sequential<Named<"", Residual<Named<"", mobilenet_v2::Block<24>>>>, Tap<"low">>;
  using type = Sequential<
      inverted_residual::Layer<3, 32, ReLU6, 2>,  // /2
      Sequential<Named<"conv", Sequential<inverted_residual::Depthwise<3, ReLU6, 1>, Conv<1, 16, NoBias>, BatchNorm>>>,
      mobilenet_v2::Block<24, 2>, Low,                                             // /4
      mobilenet_v2::Block<32, 2>, mobilenet_v2::Next<32>, mobilenet_v2::Next<32>,  // /8
      Middle..., End...>;
};
template <int Channels, int Rate>
using NextDilated = inverted_residual::Around<mobilenet_v2::DilatedBlock<Channels, Rate>>;
/// The last four blocks, dilated: `Before` in the first, then `Rate`.
template <int Before, int Rate>
using LastDilated = spec::type_list<mobilenet_v2::DilatedBlock<160, Before>, NextDilated<160, Rate>,
                                    NextDilated<160, Rate>, mobilenet_v2::DilatedBlock<320, Rate>>;

}  // namespace deeplab

/// ResNet-18 as a trunk: 512 channels.
struct ResNet18Trunk {
  static constexpr int depths[] = {2, 2, 2, 2};  ///< blocks in each stage, >= 1, unless Depths is given
  /// H x W x C -> H / Reduction x W / Reduction x 512, with a Tap<"low"> at H/4 x W/4 x 64.
  template <class Variant, class Depth, int Reduction>
  using layers =
      std::conditional_t<Reduction == 16, deeplab::Trunk<Variant, Depth>, deeplab::FineTrunk<Variant, Depth>>;
};

/// ResNet-50 as a trunk, with torchvision's names and padding and without biases in both variants: 2,048 channels. The
/// low-level features have 256.
struct ResNet50Trunk {
  static constexpr int depths[] = {3, 4, 6, 3};  ///< blocks in each stage, >= 1, unless Depths is given
  /// H x W x C -> H / Reduction x W / Reduction x 2048, with a Tap<"low"> at H/4 x W/4 x 256.
  template <class Variant, class Depth, int Reduction>
  using layers =
      std::conditional_t<Reduction == 16,
                         deeplab::Trunk50<Depth, resnet::BottleneckStage<resnet::depth<Depth>(3), 256, 2>,
                                          resnet::DilatedBottleneckStage<resnet::depth<Depth>(4), 512, 1, 2>>,
                         deeplab::Trunk50<Depth, resnet::DilatedBottleneckStage<resnet::depth<Depth>(3), 256, 1, 2>,
                                          resnet::DilatedBottleneckStage<resnet::depth<Depth>(4), 512, 2, 4>>>;
};

/// MobileNetV2 as a trunk, likewise: 320 channels, those of its last block. The low-level features have 24. It has no
/// Depths.
struct MobileNetV2Trunk {
  static constexpr int depths[] = {0, 0, 0, 0};  ///< no blocks (elsewhere >= 1): it has no stages
  /// H x W x C -> H / Reduction x W / Reduction x 320, with a Tap<"low"> at H/4 x W/4 x 24.
  template <class Variant, class Depth, int Reduction>
  using layers = Sequential<Named<
      "features",
      typename std::conditional_t<
          Reduction == 16,
          deeplab::FeaturesOf<spec::type_list<mobilenet_v2::Block<64, 2>, mobilenet_v2::Next<64>,
                                              mobilenet_v2::Next<64>, mobilenet_v2::Next<64>, mobilenet_v2::Block<96>,
                                              mobilenet_v2::Next<96>, mobilenet_v2::Next<96>>,
                              deeplab::LastDilated<1, 2>>,
          deeplab::FeaturesOf<
              spec::type_list<mobilenet_v2::Block<64>, deeplab::NextDilated<64, 2>, deeplab::NextDilated<64, 2>,
                              deeplab::NextDilated<64, 2>, mobilenet_v2::DilatedBlock<96, 2>,
                              deeplab::NextDilated<96, 2>, deeplab::NextDilated<96, 2>>,
              deeplab::LastDilated<2, 4>>>::type>>;
};

namespace deeplab {

/// Convolution, batch norm and ReLU of the head.
template <class V, int Kernel, int Channels, class... Option>
using Block = ConvBnRelu<Kernel, Channels, typename V::HeadBias, Option...>;

/// Atrous spatial pyramid pooling: four branches at different rates, and optionally `More`, concatenated.
template <class V, int Reduction, class... More>
using Pyramid = Concat<Block<V, 1, 256>, Block<V, 3, 256, Dilation<6 * 16 / Reduction>, Same>,
                       Block<V, 3, 256, Dilation<12 * 16 / Reduction>, Same>,
                       Block<V, 3, 256, Dilation<18 * 16 / Reduction>, Same>, More...>;
template <class V, int Reduction, bool WithImagePooling>
using Aspp = std::conditional_t<WithImagePooling, Pyramid<V, Reduction, Broadcast<GlobalAvgPool, Block<V, 1, 256>>>,
                                Pyramid<V, Reduction>>;

/// What DeepLabv3Plus is made of with these options.
template <class V, class... Option>
struct Parts {
  using Base = typename TrunkOf<ResNet18Trunk, Option...>::type;
  static constexpr Options options = parse<Base, Option...>();
  static constexpr int stride = options.output_stride;
  static_assert(!std::is_same_v<Base, MobileNetV2Trunk> || options.depths[0] == 0,
                "strata: MobileNetV2 has no stages, so DeepLabv3Plus takes no Depths on it; leave the option out");
  using Backbone = typename Base::template layers<V, DepthOf<Base, Option...>, stride>;
  using Head = Aspp<V, stride, options.image_pooling>;
  using Enlarge = typename V::template EnlargeBy<stride / 4>;
};

}  // namespace deeplab

/// DeepLabv3+ (Chen et al., arXiv 1802.02611), on ResNet-18 if the options name no other trunk: class probabilities per
/// pixel. H x W x C -> H x W x Classes. `Variant`: MatlabLike or TorchvisionLike. Options: On, OutputStride,
/// ImagePooling, TrunkRate, Depths.
template <class Input, int Classes, class Variant = MatlabLike, class... Option>
// clang-format off
using DeepLabv3Plus = Network<Input,                                                                   //
    Named<"backbone", AtRate<Real{deeplab::Parts<Variant, Option...>::options.trunk_rate},             //
                             typename deeplab::Parts<Variant, Option...>::Backbone>>,                  // /16, 512
    Named<"aspp", typename deeplab::Parts<Variant, Option...>::Head>,                                  // 1024 or 1280
    Named<"project", deeplab::Block<Variant, 1, 256>>,                                                 //
    typename deeplab::Parts<Variant, Option...>::Enlarge,                                              // /4, 256
    Named<"decoder", Concat<Sequential<From<"low">, deeplab::Block<Variant, 1, 48>>, CropTo<"low">>>,  // /4, 304
    Named<"refine", Sequential<deeplab::Block<Variant, 3, 256, Same>, deeplab::Block<Variant, 3, 256, Same>>>,     // /4, 256
    Named<"scorer", Conv<1, Classes, typename Variant::ScorerBias>>,                                   // /4
    typename Variant::Enlarge, CropToInput, PixelSoftmax>;
// clang-format on

}  // namespace strata::models

namespace strata {
using models::DeepLabv3Plus;
}  // namespace strata
