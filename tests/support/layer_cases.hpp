// SPDX-License-Identifier: MIT
// The tests of the layers, as small networks: each layer with each option, odd sizes, primes, one pixel, channel counts
// around every vector width, and what fusion may or may not join. Every back end is run on all of them.
#pragma once

#include <strata/spec/layers.hpp>

namespace strata::testing {

template <class Input, class... Layer>
using Classifier = Network<Input, Layer..., Dense<3>, Softmax>;

using ConvolutionCases =
    spec::type_list<Classifier<Image<5, 7, 3>, Conv<3, 4>>,                                    // borders on all sides
                    Classifier<Image<8, 6, 2>, Conv<3, 5, Stride<2>>, Conv<3, 2, Stride<2>>>,  // asymmetric padding
                    Classifier<Image<7, 5, 2>, Conv<Size{3, 2}, 4, Stride<Size{2, 1}>>, Conv<Size{1, 5}, 3>>,
                    Classifier<Image<9, 9, 2>, Conv<3, 3, Dilation<2>>, Conv<3, 2, Dilation<Size{1, 3}>, NoBias>>,
                    Classifier<Image<7, 9, 2>, Conv<3, 3, Dilation<6>>,
                               Conv<3, 4, Dilation<4>, Stride<2>>>,            // taps that read only padding
                    Classifier<Image<1, 1, 5>, Conv<1, 3>, Conv<3, 2, Same>>,  // one pixel
                    Classifier<Image<5, 4, 1>, Conv<3, 2, Pad<0>>, Conv<2, 3, Pad<2, 0, 1, 3>>, Conv<1, 1>>>;

using ChannelCases =
    spec::type_list<Classifier<Image<4, 5, 17>, Conv<3, 16>, ReLU, Conv<1, 8>>,
                    Classifier<Image<6, 13, 8>, Conv<3, 33>, ReLU, Conv<3, 7, Stride<2>>>,
                    Classifier<Image<3, 31, 3>, Conv<5, 24, NoBias, Same>, ReLU, Conv<1, 13>>,
                    Classifier<Image<14, 15, 3>, Conv<7, 16, Stride<2>, Pad<3>>, ReLU, Conv<3, 32, Dilation<2>>>,
                    Classifier<Image<1, 1, 67>, Dense<19, NoBias>, ReLU, Dense<16>>>;

using OtherLinearCases = spec::type_list<
    Classifier<Image<4, 3, 3>, TransposedConv<2, 4, Stride<2>>>,
    Classifier<Image<3, 3, 2>, TransposedConv<4, 3, Stride<2>>, TransposedConv<3, 2, Pad<0>, NoBias>>,
    Classifier<Image<2, 5, 9>, TransposedConv<Size{3, 2}, 17, Stride<Size{2, 1}>, Pad<1, 0, 0, 1>>, ReLU,
               TransposedConv<3, 2, Dilation<2>>>,
    Classifier<Image<5, 7, 3>, DepthwiseConv<3>, DepthwiseConv<3, Multiplier<2>, Stride<2>>>,
    Classifier<Image<6, 5, 17>, DepthwiseConv<Size{3, 5}, NoBias>, DepthwiseConv<3, Multiplier<2>, Dilation<2>>,
               Conv<1, 2>>,
    Classifier<Image<7, 5, 6>, Conv<3, 9, Groups<3>>, BatchNorm, ReLU, Conv<3, 6, Groups<3>, Stride<2>>, BatchNorm>,
    Classifier<Image<6, 7, 4>, Conv<Size{2, 3}, 70, Groups<2>>, ReLU, MaxPool<2>, Conv<3, 10, Groups<10>, Dilation<2>>>,
    Classifier<Image<5, 6, 8>, Conv<1, 12, Groups<4>, NoBias>, BatchNorm, ReLU,
               Conv<3, 34, Groups<2>, Dilation<2>, Pad<1, 3, 2, 0>>, BatchNorm, Tanh, Conv<1, 4, Groups<2>, Stride<2>>>,
    Classifier<Image<5, 6, 17>, DepthwiseConv<3>, BatchNorm, ReLU6, Residual<DepthwiseConv<3>>, SiLU,
               DepthwiseConv<Size{3, 2}, Multiplier<2>, Stride<2>>, HardSwish, Residual<Conv<3, 34, Groups<2>>>>,
    Classifier<Image<3, 4, 5>, TransposedConv<2, 6, Stride<2>>, BatchNorm, ReLU6, Residual<TransposedConv<3, 6>>, GELU,
               TransposedConv<3, 17, NoBias>, SiLU, MaxPool<2>>,
    Network<Image<3, 2, 2>, Flatten, Dense<5>, Tanh, Dense<2>, Softmax>>;

using NormCases = spec::type_list<
    Classifier<Image<5, 6, 2>, Conv<3, 4>, BatchNorm, ReLU, MaxPool<2>>,  // all fused
    Classifier<Image<5, 7, 3>, BatchNorm, Conv<3, 3>, BatchNorm>,         // first; no functor
    Classifier<Image<7, 5, 2>, Conv<3, 9>, BatchNorm, GELU, MaxPool<2>>,  // rows that no pool covers
    Classifier<Image<7, 7, 2>, Conv<3, 3, NoBias>, BatchNorm, LeakyReLU<0.2>, MaxPool<3, Stride<2>>>,  // pool overlaps
    Classifier<Image<6, 6, 1>, Conv<3, 2>, BatchNormWith<0.01, 0.3>, MaxPool<Size{3, 2}>, BatchNorm, Tanh>,
    Classifier<Image<4, 4, 2>, DepthwiseConv<3, Multiplier<2>>, BatchNorm, ReLU, TransposedConv<2, 3, Stride<2>>,
               BatchNorm, ReLU>,
    Classifier<Image<2, 2, 3>, Dense<6>, BatchNorm, ReLU>,
    Classifier<Image<6, 4, 2>, Conv<3, 9>, BatchNormWith<1e-5, 0.1, NoAffine>, ReLU, Conv<3, 3>,
               BatchNormWith<1e-3, 0.2, NoAffine>, GELU, MaxPool<2>, BatchNormWith<1e-5, 0.1, NoAffine>>>;

using ImageNormCases = spec::type_list<
    Classifier<Image<5, 4, 2>, Conv<3, 18>, GroupNorm<3>, ReLU, Conv<3, 4>, GroupNorm<1, Epsilon<1e-3>>, Conv<1, 6>,
               GroupNorm<2, NoAffine>>,
    Classifier<Image<3, 5, 2>, Conv<3, 17>, LayerNorm, ReLU, Conv<3, 9>, LayerNormWith<EachPixel, Epsilon<1e-4>>, GELU,
               LayerNormWith<NoAffine>, Dense<6>, LayerNorm>,
    Classifier<Image<4, 5, 3>, InstanceNorm, Conv<3, 12>, InstanceNormWith<Affine, Epsilon<0.1>>, ReLU,
               GroupNorm<2, EachPixel>, Conv<3, 8>, LayerNormWith<EachPixel, NoAffine>>,
    Classifier<Image<9, 8, 2>, Conv<3, 5>, Residual<Sequential<GroupNorm<5>, ReLU, Conv<3, 5>>>, Conv<3, 3>,
               GroupNorm<1>, GlobalAvgPool>,
    Classifier<Image<4, 3, 2>, Conv<3, 7>, LocalResponseNorm<5, 0.4>, ReLU, Conv<1, 17>,
               LocalResponseNorm<4, 0.5, 0.5, 2>, Conv<3, 2>, LocalResponseNorm<5, 0.7, 1.2>>>;

using ActivationCases = spec::type_list<
    Classifier<Image<3, 5, 2>, Conv<3, 3>, ReLU, Conv<1, 2>, LeakyReLU<0.1>>,
    Classifier<Image<3, 5, 2>, Conv<3, 3>, Sigmoid, Conv<1, 2>, Tanh>,
    Classifier<Image<3, 5, 2>, Conv<3, 3>, GELU, ReLU, Sigmoid, Conv<1, 9>, GELU>,
    Classifier<Image<3, 5, 2>, Conv<3, 3>, SiLU, Conv<1, 5>, HardSwish, DepthwiseConv<3>, ReLU6>,
    Classifier<Image<3, 5, 2>, Conv<3, 3>, Mish, Conv<1, 4>, Softplus, Conv<1, 3>, GELUTanh, HardSigmoid>,
    Classifier<Image<3, 5, 2>, Conv<3, 3>, BatchNorm, ELU<0.5>, Conv<1, 9>, SELU, Abs, Clip<-0.4, 0.7>, Exp>,
    Classifier<Image<3, 5, 2>, Conv<3, 9>, PReLU, Conv<3, 5>, ChannelPReLU, Dense<9>, ChannelPReLU>,
    Classifier<Image<3, 5, 2>, Conv<3, 9>, ChannelDropout<0.3>, Residual<Sequential<Conv<3, 9>, DropPath<0.4>>>, ReLU,
               DropPath<0>>,
    Classifier<Image<3, 5, 2>, Conv<3, 3>, Dropout<0.3>, Conv<1, 2>, ReLU, Dropout<0.5>, Flatten, Dropout<0>>,
    Network<Image<3, 5, 2>, Conv<3, 4>, BatchNorm, ReLU, MaxPool<2>>,  // no softmax at the end
    Network<Image<4, 5, 2>, Conv<3, 4, Stride<2>>, Sigmoid, Upsample<2>, Residual<Conv<1, 4>>, Dropout<0.2>>,
    Network<Image<3, 4, 2>, Conv<3, 5>, PixelSoftmax, Conv<1, 3>, PixelSoftmax>>;  // softmax within

using PoolCases = spec::type_list<
    Classifier<Image<5, 7, 3>, Conv<1, 4>, MaxPool<2>, MaxPool<2, Stride<1>>>,
    Classifier<Image<7, 8, 2>, Conv<1, 3>, MaxPool<3, Stride<2>, Same>, MaxPool<Size{1, 2}>>,
    Classifier<Image<19, 7, 2>, Conv<1, 17>, MaxPool<3, Stride<2>, Pad<1>>, MaxPool<2, Dilation<2>, Stride<1>>>,
    Classifier<Image<5, 7, 3>, Conv<1, 4>, AvgPool<2>, AvgPool<2, Stride<1>, Same>>,
    Classifier<Image<7, 9, 2>, Conv<1, 9>, AvgPool<3, Stride<2>, Pad<1>>, GlobalAvgPool>,
    Classifier<Image<6, 6, 1>, Conv<3, 2>, ReLU, MaxPool<2>, Conv<3, 4>, MaxPool<3>>,
    Classifier<Image<7, 8, 2>, Conv<1, 3>, MaxPool<3, Stride<2>, CeilMode>, AvgPool<2, CeilMode>>,
    Classifier<Image<9, 7, 2>, Conv<1, 9>, AvgPool<3, Stride<2>, Pad<1>, ExcludePadding>,
               AvgPool<2, Stride<1>, Same, ExcludePadding>>,
    Classifier<Image<8, 9, 3>, Conv<1, 17>, AvgPool<3, Stride<2>, Pad<1>, CeilMode>, GlobalMaxPool>,
    Classifier<Image<4, 5, 2>, Conv<3, 9>, BatchNorm, ReLU, GlobalMaxPool>,  // fused
    Classifier<Image<7, 11, 2>, Conv<3, 5>, AdaptiveMaxPool<3, 4>, AdaptiveMaxPool<2>>,
    Classifier<Image<17, 5, 1>, Conv<3, 17>, BatchNorm, ReLU, AdaptiveMaxPool<5, 7>>,  // more columns than before
    Classifier<Image<6, 10, 2>, Conv<1, 4>, AdaptiveAvgPool<4, 7>, AdaptiveAvgPool<2, 7>, AdaptiveAvgPool<1>>>;

using JoinCases = spec::type_list<
    Classifier<Image<5, 4, 3>, Conv<1, 4>, Residual<Sequential<Conv<3, 4>, BatchNorm, ReLU, Conv<3, 4>, BatchNorm>>,
               ReLU>,
    Classifier<Image<6, 6, 2>, Residual<Sequential<Conv<3, 4, Stride<2>>, ReLU, Conv<3, 4>>, Conv<1, 4, Stride<2>>>,
               ReLU>,
    Classifier<Image<3, 5, 2>, Conv<1, 9>, Sum<Identity, Identity, Conv<3, 9>>, Sigmoid>,  // one value read twice
    Classifier<Image<3, 5, 2>, Named<"stem", Repeat<2, Conv<1, 3>>>, Concat<Identity, Conv<3, 2>, Identity>, BatchNorm,
               ReLU>,
    Classifier<Image<3, 3, 1>, Sum<Conv<1, 2>, Conv<1, 2>, Conv<1, 2>, Conv<1, 2>, Conv<1, 2>, Conv<1, 2>, Conv<1, 2>,
                                   Conv<1, 2>, Conv<1, 2>>>,  // more than a node reads
    Classifier<Image<3, 3, 1>, Concat<Conv<1, 1>, Conv<1, 2>, Conv<1, 1>, Conv<1, 2>, Conv<1, 1>, Conv<1, 2>,
                                      Conv<1, 1>, Conv<1, 2>, Conv<1, 1>>>,
    Classifier<Image<6, 5, 2>, Conv<3, 3>, Tap<"early">, MaxPool<2>, Conv<1, 5>, GlobalAvgPool, Tap<"late">,
               Sum<Sequential<From<"early">, Conv<3, 5>, GlobalAvgPool>, From<"late">>>,
    Network<Image<4, 6, 2>, Residual<BatchNorm, Sequential<BatchNorm, ReLU>>, Conv<1, 3>, PixelSoftmax>,
    Classifier<
        Image<5, 4, 2>, Conv<3, 17>, BatchNorm, ReLU,  // squeeze-and-excitation
        Residual<Sequential<Conv<3, 17>, BatchNorm,
                            Multiply<Identity, Sequential<GlobalAvgPool, Conv<1, 3>, ReLU, Conv<1, 17>, Sigmoid>>>>,
        ReLU>,
    Classifier<Image<4, 3, 2>, Conv<3, 9>,
               Multiply<Sequential<GlobalAvgPool, Conv<1, 5>, Tanh>, Conv<3, 5>>,  // the vector first
               BatchNorm, ReLU>,
    Classifier<Image<3, 5, 2>, Conv<1, 4>, Multiply<Conv<3, 8>, Sequential<Conv<1, 8>, Sigmoid>>, MaxPool<2>>,  // two
                                                                                                                // maps
    Classifier<Image<3, 4, 2>, Conv<3, 3>, Multiply<Identity, Identity>, Multiply<Conv<1, 3>, Identity>>,  // a square
    Classifier<Image<4, 4, 3>, Multiply<Identity, Conv<1, 3>>, GlobalAvgPool, Multiply<Conv<1, 7>, Conv<1, 7>>>,
    Classifier<Image<5, 4, 2>, Conv<3, 9>, SqueezeExcite<3>, Conv<3, 4>, SqueezeExcite<2, SiLU, HardSigmoid>>,
    Classifier<Image<3, 5, 2>, Conv<3, 9>, Subtract<Identity, Conv<3, 9>>, ReLU, Subtract<Conv<1, 3>, Conv<1, 3>>>,
    Classifier<Image<3, 5, 2>, Conv<3, 9>, Maximum<Identity, Conv<3, 9>, Conv<1, 9>>, Maximum<Identity, Identity>,
               Maximum<Sequential<Conv<1, 3>, ReLU>, Sequential<Conv<1, 3>, ReLU>>>>;

using BroadcastCases = spec::type_list<
    Network<Image<3, 5, 2>, Conv<3, 9>, ReLU, Broadcast<GlobalAvgPool, Conv<1, 4>>, PixelSoftmax>,
    Network<Image<4, 3, 2>, Conv<3, 5>,
            Concat<Identity, Broadcast<GlobalAvgPool, Conv<1, 17, NoBias>, BatchNorm, ReLU>>, Conv<1, 3>, PixelSoftmax>,
    Classifier<Image<1, 1, 3>, Broadcast<Conv<1, 4>>, Conv<1, 2>>>;

// Frozen: the first layers, layers between others that learn, one of two branches, only the weights.
using FrozenCases = spec::type_list<
    Classifier<Image<5, 4, 2>, AtRate<Real{0}, Sequential<Conv<3, 4>, BatchNorm, ReLU, MaxPool<2>>>, Conv<3, 5, Same>,
               BatchNorm, ReLU>,
    Classifier<Image<5, 4, 2>, Conv<3, 4>, AtRate<Real{0}, Sequential<Conv<3, 3>, BatchNorm, ReLU>>,
               AtRate<0.5, Conv<1, 2>>>,
    Classifier<Image<5, 4, 2>, Concat<AtRate<Real{0}, Conv<3, 4>>, Conv<1, 3>>, ReLU>,
    Classifier<Image<5, 4, 2>, Multiply<AtRate<Real{0}, Conv<3, 4>>, Sequential<GlobalAvgPool, Conv<1, 4>>>,
               Multiply<Identity, AtRate<Real{0}, Sequential<GlobalAvgPool, Conv<1, 4>>>>>,
    Classifier<Image<4, 4, 3>, Conv<3, 4>, Residual<AtRate<Real{0}, Sequential<Conv<3, 4>, BatchNorm>>>,
               Conv<1, 2, RateFactor<0, 1>>>,
    Classifier<Image<4, 4, 3>, Conv<1, 2>, BatchNorm, Conv<3, 4, RateFactor<Real{0}, Real{0}>>>,
    Classifier<Image<4, 3, 2>, Conv<3, 6>, AtRate<Real{0}, Sequential<LayerNormWith<EachPixel>, PReLU, GroupNorm<2>>>,
               Conv<1, 4>, AtRate<Real{0}, Sequential<LayerNorm, ChannelPReLU>>>>;

using ResizeCases = spec::type_list<
    Network<Image<3, 5, 2>, Conv<3, 4>, Upsample<2>, Conv<3, 3>, PixelSoftmax>,
    Network<Image<4, 3, 1>, Conv<3, 9>, Upsample<3>, BatchNorm, Upsample<1>, Conv<1, 2>, PixelSoftmax>,
    Network<Image<3, 4, 2>, Conv<1, 3>, Upsample<4, ZeroExtended>, PixelSoftmax>,
    Network<Image<5, 7, 2>, Conv<3, 5, Stride<2>>, Upsample<2, ZeroExtended>, CropToInput, Conv<1, 3>, PixelSoftmax>,
    Network<Image<7, 9, 1>, Conv<3, 4>, Tap<"low">, MaxPool<2>, Conv<3, 3>, Upsample<3>, CropTo<"low">,
            Concat<Sequential<From<"low">, Conv<1, 2>>, Identity>, BatchNorm, ReLU, Conv<1, 3>, PixelSoftmax>,
    Network<Image<5, 7, 2>, Conv<3, 4, Stride<2>>, BatchNorm, ReLU, Upsample<2>, CropToInput, Conv<1, 3>, PixelSoftmax>,
    Network<Image<3, 4, 2>, Conv<3, 6>, ReLU, Upsample<3>, Conv<1, 5>, BatchNorm, ReLU, Conv<3, 3>, PixelSoftmax>,
    Network<Image<1, 2, 1>, Conv<1, 2>, Upsample<2>, PixelSoftmax>>;

using ResampleCases = spec::type_list<
    Classifier<Image<5, 4, 2>, Conv<3, 5>, Resize<7, 9>, Conv<1, 3>, Resize<3, 4>>,  // up and down
    Classifier<Image<4, 3, 1>, Conv<3, 17>, Upsample<2, Nearest>, BatchNorm, ReLU, Upsample<Size{1, 3}, AlignCorners>,
               Conv<1, 2>>,
    Network<Image<6, 7, 2>, Conv<3, 9, Stride<2>>, ReLU, Resize<6, 7, AlignCorners>, Conv<1, 3>, PixelSoftmax>,
    Network<Image<3, 5, 2>, Conv<3, 4>, Resize<6, 10>, Resize<5, 3, Nearest>, PixelSoftmax>,
    Network<Image<1, 1, 2>, Conv<1, 3>, Resize<2, 3, AlignCorners>, Resize<1, 1, AlignCorners>, Upsample<Size{2, 1}>,
            PixelSoftmax>,  // one pixel
    Network<Image<8, 6, 2>, Conv<3, 4>, Tap<"low">, Conv<3, 16, Stride<2>>, Upsample<2, Nearest>,
            Concat<Identity, From<"low">>, Conv<3, 3>, PixelSoftmax>>;

using ShapeCases = spec::type_list<
    Network<Image<4, 3, 2>, Conv<3, 5, Reflect>, GlobalAvgPool, Dense<36>, ReLU, Reshape<3, 4, 3>, Conv<3, 9>,
            Reshape<6, 6, 3>, PixelSoftmax>,  // a vector and a map become a map
    Classifier<Image<5, 6, 2>, Conv<3, 9, Replicate>, Slice<1, 6>, BatchNorm, ReLU, ChannelShuffle<3>,
               Conv<3, 16, Circular, Stride<2>>, ChannelShuffle<2>, PixelShuffle<2>, Conv<1, 3>, PixelUnshuffle<2>>,
    Classifier<
        Image<5, 7, 3>, Conv<3, 17, Pad<2, 1, 0, 3>, Reflect>, PixelShuffle<1>, Slice<0, 16>,
        Sum<Sequential<Slice<0, 8>, DepthwiseConv<3, Circular, Pad<5, 4>>>,
            Sequential<Slice<8, 8>, Crop<4, 6, Offset<1, 2>>, PadTo<13, 15, Offset<9, 3>>, Conv<1, 8, Groups<2>>>>,
        MaxPool<2>>,
    Classifier<Image<4, 5, 2>, Conv<3, 8>, Split<Part<"small", 3>, Part<"large", 5>>, From<"large">, BatchNorm,
               Concat<Conv<3, Times<2>>, From<"small">, Identity>, Conv<1, Times<1, 3>>, PadTo<7, 8, Replicate>,
               Crop<6, 5>, PadTo<7, 6>, Conv<3, 4>>,
    Classifier<Image<3, 4, 2>, TransposedConv<3, 4, Stride<2>, Pad<1>, OutputPad<1>>, ReLU,
               TransposedConv<2, Times<1, 2>, Stride<Size{3, 2}>, Pad<0>, OutputPad<Size{2, 1}>>>>;

using SignalCases =
    spec::type_list<Classifier<Signal<12, 3>, Conv1d<3, 4>, BatchNorm, ReLU, MaxPool1d<3, Stride<2>, Pad<1>>,
                               Conv1d<5, 6, Stride<2>, Pad<2, 1>, Circular>, AvgPool1d<2, Stride<1>>>,
                    Network<Signal<19, 2>, Conv1d<7, 17, Reflect>, ReLU, Conv1d<3, 34, Dilation<4>, Groups<17>>,
                            BatchNorm, Tanh, Conv1d<1, 3, NoBias>, PixelSoftmax>>;

/// Low-level and upsampled maps side by side before a convolution, which is then split by taps: `Low` layers, `Deep`
/// layers, the upsampling, and the convolution with what follows it.
template <class Input, class Low, class Deep, class Enlarge, class... After>
using Decoder = Network<Input, Low, Tap<"low">, Deep, Enlarge, CropTo<"low">,
                        Concat<Sequential<From<"low">, Conv<1, 3>>, Identity>, After..., Conv<1, 3>, PixelSoftmax>;

using DecoderCases = spec::type_list<
    Decoder<Image<7, 9, 2>, Conv<3, 4>, Conv<3, 16, Stride<2>>, Upsample<2>, Conv<3, 5>>,  // 8 x 10 cropped
    Decoder<Image<9, 7, 2>, Conv<3, 4>, Conv<3, 17, Stride<4>>, Upsample<4, ZeroExtended>, Conv<3, 9>, BatchNorm, ReLU>,
    Decoder<Image<8, 6, 1>, Conv<1, 2>, Conv<3, 16, Stride<3>>, Upsample<3>, Conv<3, 4, Dilation<2>, NoBias>, BatchNorm,
            Tanh>,
    Decoder<Image<5, 11, 1>, Conv<1, 2>, Conv<3, 33, Stride<2>>, Upsample<2, ZeroExtended>,
            Conv<Size{2, 5}, 65, Pad<0, 3, 1, 2>>, ReLU>,
    Decoder<Image<4, 6, 2>, Conv<3, 4>, Conv<3, 16, Stride<2>>, Upsample<2>, Conv<1, 8>, BatchNorm>,  // one tap
    Network<Image<8, 8, 2>, Conv<3, 3>, Tap<"low">, Conv<3, 16, Stride<2>>, Tap<"middle">, Conv<3, 18, Stride<2>>,
            Upsample<4>,
            Concat<Identity, From<"low">, Sequential<From<"low">, Conv<1, 2>>,
                   Sequential<From<"middle">, Upsample<2, ZeroExtended>>>,
            Conv<3, 6>, BatchNorm, ReLU, Conv<1, 3>, PixelSoftmax>>;  // two of each

// A source that is read late, a head that pools; maps and vectors as heads, values that heads share, a head that is
// only in training, and what it alone reads; a head that continues from another one's probabilities.
using HeadCases = spec::type_list<
    Network<Inputs<Source<"picture", Image<5, 6, 2>>, Source<"tone", Image<1, 7, 1>>>, Conv<3, 5>, BatchNorm, ReLU,
            GlobalAvgPool, Concat<Identity, Sequential<From<"tone">, Dense<3>, Tanh>>,
            Outputs<Head<"class", Dense<4>, Softmax>, Head<"side", Dense<5>, ReLU, Dense<3>, Softmax>>>,
    Network<Image<6, 4, 3>, Conv<3, 4>, BatchNorm, ReLU, Tap<"early">, MaxPool<2>, Conv<3, 17, Same>, BatchNorm, ReLU,
            Outputs<Head<"map", Upsample<2>, Conv<1, 3>, PixelSoftmax>, Head<"class", GlobalAvgPool, Dense<3>, Softmax>,
                    OnlyInTraining<Head<"aux", From<"early">, Conv<3, 5, Stride<2>>, BatchNorm, ReLU, GlobalAvgPool,
                                        Dense<3>, Softmax>>>>,
    Network<Inputs<Source<"a", Image<3, 4, 2>>, Source<"b", Image<3, 4, 2>>, Source<"c", Image<1, 1, 3>>>,
            Sum<Identity, From<"b">>, Conv<1, 3>, ReLU,
            Outputs<Head<"first", Dense<3>, Softmax, Tap<"p">>,
                    Head<"second", Sum<From<"p">, Sequential<From<"c">, Dense<3>>>, Dense<2>, Softmax>,
                    OnlyInTraining<Head<"third", Conv<3, 2>, PixelSoftmax>, Head<"fourth", Dense<4>, Tanh>>>>>;

/// Calls visit(name, list) for each of the lists above. What runs all layers, in whatever way, goes through here.
template <class Visit>
void for_each_list(Visit visit) {
  visit("convolutions", ConvolutionCases{});
  visit("linear", OtherLinearCases{});
  visit("channels", ChannelCases{});
  visit("norms", NormCases{});
  visit("imagenorms", ImageNormCases{});
  visit("activations", ActivationCases{});
  visit("pools", PoolCases{});
  visit("joins", JoinCases{});
  visit("resizes", ResizeCases{});
  visit("resamples", ResampleCases{});
  visit("decoders", DecoderCases{});
  visit("broadcasts", BroadcastCases{});
  visit("frozen", FrozenCases{});
  visit("shapes", ShapeCases{});
  visit("signals", SignalCases{});
  visit("heads", HeadCases{});
}

// The layers of random networks (random_network.hpp): each may stand anywhere, since it keeps rows and columns and
// takes any number of channels. Not drawn are those that do not (AdaptiveAvgPool, AdaptiveMaxPool, GlobalMaxPool,
// Resize, Reshape, Flatten, Dense, Softmax, TransposedConv, Crop, CropTo, CropToInput, PadTo), those of signals
// (Signal, Conv1d, MaxPool1d, AvgPool1d), those whose names would repeat (Tap, From, Named, Split, Part), and those
// into which the drawn ones are put (Identity, Residual, Sum, Concat, Sequential). Norms within an image follow a
// convolution with borders, since of a map of one color they enlarge only rounding errors.
template <int Channels>
using DrawnLayers = spec::type_list<
    Conv<3, Channels>, Conv<1, Channels>, Conv<Size{2, 3}, Channels, NoBias>, Conv<3, Channels, Dilation<2>, Same>,
    Conv<3, Channels, Reflect>, Conv<1, Times<2>>, DepthwiseConv<3>, Sequential<DepthwiseConv<3, Replicate>, SiLU>,
    BatchNorm, BatchNormWith<1e-3, 0.2, NoAffine>, Sequential<Conv<3, Times<2>, Same>, GroupNorm<2>>,
    Sequential<Conv<3, Channels, Same>, LayerNorm>, Sequential<Conv<1, 5>, LayerNormWith<EachPixel, Epsilon<1e-4>>>,
    Sequential<Conv<3, Channels, Same>, InstanceNorm>, Sequential<Conv<3, Channels, Same>, InstanceNormWith<Affine>>,
    LocalResponseNorm<3>, ReLU, LeakyReLU<0.1>, PReLU, ChannelPReLU, Tanh, GELU, Sigmoid, ReLU6, SiLU, HardSwish,
    HardSigmoid, ELU<0.7>, SELU, Mish, Softplus, GELUTanh, Clip<-2, 2>, Abs, Sequential<Tanh, Exp>, Dropout<0.25>,
    ChannelDropout<0.2>, DropPath<0.3>, MaxPool<3, Stride<1>, Same>, AvgPool<2, Stride<1>, Same>, PixelSoftmax,
    AtRate<Real{0}, Conv<1, Channels>>, Repeat<2, Conv<3, Channels>, ReLU>, Sequential<Upsample<2>, AvgPool<2>>,
    Sequential<Upsample<Size{2, 3}, AlignCorners>, MaxPool<Size{2, 3}>>,
    Sequential<Upsample<2, Nearest>, Conv<2, Channels, Stride<2>>>, Sequential<Upsample<2, ZeroExtended>, AvgPool<2>>,
    Sequential<Conv<1, Times<4>>, PixelShuffle<2>, Conv<3, 2, Circular>, PixelUnshuffle<2>>,
    Sequential<Conv<1, Times<2>>, ChannelShuffle<2>, Slice<0, 2>>, SqueezeExcite<3, SiLU, HardSigmoid>,
    Multiply<Conv<3, Channels>, Sequential<GlobalAvgPool, Conv<1, Channels>, Sigmoid>>,
    Subtract<Conv<3, Channels>, Conv<1, Channels>>, Maximum<Conv<3, Channels>, Conv<1, Channels>>,
    Broadcast<GlobalAvgPool, Conv<1, Channels>>>;

/// Calls body.template operator()<Net>() for each network of the list.
template <class... Net, class Body>
void for_each_case(spec::type_list<Net...>, Body body) {
  (body.template operator()<Net>(), ...);
}

/// The network as it spells itself, for messages.
template <class Net>
const char* spelling_of() {
  static constexpr core::Text text = [] {
    core::Text out;
    Net::spell(out);
    return out;
  }();
  return text.text;
}

}  // namespace strata::testing
