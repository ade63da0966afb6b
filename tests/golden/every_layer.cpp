// SPDX-License-Identifier: MIT
// Small networks that between them have every layer of the language, against PyTorch. (Dropout draws its own masks.)
#include "every_layer.hpp"

#include <strata/cpu/nhwc/training.hpp>
#include <strata/spec/layers.hpp>
#include <strata/train/adam.hpp>

#include "../support/cpu_nhwc.hpp"
#include "check_golden.hpp"

namespace golden_every_layer {

using namespace strata;
using namespace strata::graph;
using namespace strata::testing;

using Classifier = Network<Image<12, 10, 3>,                                             //
                           Conv<3, 6>, BatchNorm, ReLU,                                  // 12 x 10 x 6
                           Conv<3, 8, Stride<2>>, LeakyReLU<0.1>, Tap<"low">,            // 6 x 5 x 8
                           Conv<Size{1, 3}, 8, Dilation<Size{1, 2}>, NoBias>, GELU,      //
                           Residual<Sequential<DepthwiseConv<3, Multiplier<2>>, BatchNorm, Sigmoid, Conv<1, 8>>>,
                           Sum<Conv<1, 8>, Sequential<Conv<3, 8, Dilation<2>>, Tanh>>,   //
                           MaxPool<2>, TransposedConv<4, 6, Stride<2>>,                  // 6 x 4 x 6
                           AvgPool<3, Stride<1>, Same>, Upsample<2>,                     // 12 x 8 x 6
                           CropTo<"low">, Concat<Identity, From<"low">>,                 // 6 x 5 x 14
                           MaxPool<3, Stride<2>, Same>, Conv<2, 12, Pad<1, 0, 0, 1>>,    // 3 x 3 x 12
                           Sum<Sequential<GlobalAvgPool, Dense<5>>, Sequential<Flatten, Dense<5, NoBias>>>, Softmax>;

using Segmenter = Network<Image<7, 9, 2>,                                                // with ignored labels
                          Conv<3, 6, Stride<2>>, BatchNorm, ReLU,                        // 4 x 5 x 6
                          Residual<Sequential<Conv<3, 9>, BatchNorm, ReLU, Conv<3, 9>, BatchNorm>,
                                   Sequential<Conv<1, 9, NoBias>, BatchNorm>>, ReLU,     //
                          Upsample<2, ZeroExtended>, CropToInput, Conv<1, 4>, PixelSoftmax>;

using Pooled = Network<Image<5, 6, 2>, Conv<3, 6>, BatchNorm, ReLU,
                       Concat<Conv<1, 4>, Broadcast<GlobalAvgPool, Conv<1, 5>, BatchNorm, ReLU>>, Conv<1, 4>, PixelSoftmax>;

template <class Activation>
using Branch = Sequential<Conv<1, 2>, Activation>;
using Activated = Network<Image<5, 6, 2>, Conv<3, 6>,
                          Concat<Branch<SiLU>, Branch<HardSwish>, Branch<ReLU6>, Branch<Mish>, Branch<Softplus>, Branch<GELUTanh>,
                                 Branch<HardSigmoid>, Branch<ELU<0.5>>, Branch<SELU>, Branch<Abs>, Branch<Clip<-0.4, 0.7>>,
                                 Branch<Exp>>, Conv<1, 3>, PixelSoftmax>;

using Resized = Network<Image<12, 9, 2>, Conv<3, 4>, BatchNorm, ReLU,                     // 12 x 9 x 4
                        Concat<Sequential<MaxPool<3, Stride<2>, Pad<1>, CeilMode>, AdaptiveMaxPool<4, 5>>,
                               Sequential<AvgPool<3, Stride<2>, Pad<1>, CeilMode>, AdaptiveAvgPool<4, 5>>,
                               Sequential<AvgPool<2, Pad<0, 1>, CeilMode, ExcludePadding>, Resize<4, 5>>,
                               Sequential<GlobalMaxPool, Resize<4, 5, Nearest>>,
                               Sequential<Conv<1, 3>, Resize<4, 5, AlignCorners>>>,
                        Conv<1, 4>, Upsample<2, Nearest>, Resize<7, 11, AlignCorners>, Conv<1, 3>, Upsample<Size{1, 2}>,
                        PixelSoftmax>;                                                    // 7 x 22 x 3

using Rearranged = Network<Image<4, 5, 2>, Conv<3, 8, Reflect>, ReLU,                        // 4 x 5 x 8
                           Split<Part<"small", 2>, Part<"large", 6>>, From<"large">, ChannelShuffle<3>,
                           Conv<3, Times<2>, Replicate, Groups<2>>, Tanh, PixelShuffle<2>,                   // 8 x 10 x 3
                           DepthwiseConv<3, Multiplier<2>, Stride<2>, Pad<2, 1, 0, 3>, Circular>,            // 4 x 6 x 6
                           Concat<Identity, Sequential<From<"small">, PadTo<4, 6, Offset<0, 1>>>>,           // 4 x 6 x 8
                           Crop<3, 4, Offset<1, 2>>, Slice<1, 7>,                                            // 3 x 4 x 7
                           TransposedConv<3, 3, Stride<Size{2, 3}>, Pad<1>, OutputPad<Size{1, 2}>>,          // 6 x 12 x 3
                           PixelUnshuffle<2>, Dense<12>, Sigmoid, Reshape<2, 3, 2>,                          // 2 x 3 x 2
                           PadTo<2, 5, Circular>, PadTo<4, 8, Reflect>, Conv<3, 3>, PixelSoftmax>;

using OfSignals = Network<Signal<14, 3>, Conv1d<3, 4>, BatchNorm, ReLU, MaxPool1d<3, Stride<2>, Pad<1>>,         // 7 x 4
                          Conv1d<5, 8, Circular, Groups<2>>, Tanh, AvgPool1d<2, Stride<1>>,                      // 6 x 8
                          Conv1d<2, 6, Stride<2>, Dilation<3>, Pad<0>, NoBias>, Dense<3>, Softmax>;

using Normed = Network<Image<5, 4, 2>, Conv<3, 6>, GroupNorm<3>, PReLU, Conv<3, 4>, LayerNorm, ChannelPReLU,
                       Conv<1, 6>, LayerNormWith<EachPixel, Epsilon<1e-6>>, LocalResponseNorm<4, 0.5, 0.6, 2>,
                       Conv<3, 4>, InstanceNorm, Conv<1, 5>, InstanceNormWith<Affine>, Conv<1, 6>, BatchNormWith<1e-5, 0.1, NoAffine>,
                       Multiply<Identity, Sequential<Conv<1, 6>, Sigmoid>>, SqueezeExcite<3, SiLU, HardSigmoid>,
                       Maximum<Identity, Conv<1, 6>, Identity>, Subtract<Conv<3, 5>, Conv<1, 5>>, Conv<1, 3>, PixelSoftmax>;

namespace {
const GoldenStep classifier{golden::classifier_scores, golden::classifier_gradients, golden::classifier_buffers, golden::classifier_loss};
const GoldenStep segmenter{golden::segmenter_scores, golden::segmenter_gradients, golden::segmenter_buffers, golden::segmenter_loss};
const GoldenStep pooled{golden::pooled_scores, golden::pooled_gradients, golden::pooled_buffers, golden::pooled_loss};
const GoldenStep activated{golden::activated_scores, golden::activated_gradients, golden::activated_buffers, golden::activated_loss};
const GoldenStep resizing{golden::resized_scores, golden::resized_gradients, golden::resized_buffers, golden::resized_loss};
const GoldenStep rearranged{golden::rearranged_scores, golden::rearranged_gradients, golden::rearranged_buffers, golden::rearranged_loss};
const GoldenStep of_signals{golden::signal_scores, golden::signal_gradients, golden::signal_buffers, golden::signal_loss};
const GoldenStep normed{golden::normed_scores, golden::normed_gradients, golden::normed_buffers, golden::normed_loss};
}

TEST_CASE("names") {
  check_names<Classifier>(golden::classifier_gradients);
  check_names<Segmenter>(golden::segmenter_gradients);
  check_names<Pooled>(golden::pooled_gradients);
  check_names<Activated>(golden::activated_gradients);
  check_names<Resized>(golden::resized_gradients);
  check_names<Rearranged>(golden::rearranged_gradients);
  check_names<OfSignals>(golden::signal_gradients);
  check_names<Normed>(golden::normed_gradients);
}
TEST_CASE("the reference") {
  check_golden<Reference, Classifier>(reference::draw_data(lowered<Classifier>, 7, 4), classifier, 1e-6, 1e-6);
  check_golden<Reference, Segmenter>(reference::draw_data(lowered<Segmenter>, 5, 2), segmenter, 1e-6, 1e-6);
  check_golden<Reference, Pooled>(reference::draw_data(lowered<Pooled>, 7, 1), pooled, 1e-6, 1e-6);
  check_golden<Reference, Activated>(reference::draw_data(lowered<Activated>, 3, 2), activated, 1e-6, 1e-6);
  check_golden<Reference, Resized>(reference::draw_data(lowered<Resized>, 3, 5), resizing, 1e-6, 1e-6);
  check_golden<Reference, Rearranged>(reference::draw_data(lowered<Rearranged>, 2, 3), rearranged, 1e-6, 1e-6);
  check_golden<Reference, OfSignals>(reference::draw_data(lowered<OfSignals>, 3, 5), of_signals, 1e-6, 1e-6);
  check_golden<Reference, Normed>(reference::draw_data(lowered<Normed>, 3, 1), normed, 1e-6, 1e-6);
}
TEST_CASE("node by node") {
  check_golden<Nhwc, Classifier>(reference::draw_data(lowered<Classifier>, 7, 4), classifier, 1e-5, 2e-4);
  check_golden<Nhwc, Segmenter>(reference::draw_data(lowered<Segmenter>, 5, 2), segmenter, 1e-5, 2e-4);
  check_golden<Nhwc, Pooled>(reference::draw_data(lowered<Pooled>, 7, 1), pooled, 1e-5, 2e-4);
  check_golden<Nhwc, Activated>(reference::draw_data(lowered<Activated>, 3, 2), activated, 1e-5, 2e-4);
  check_golden<Nhwc, Resized>(reference::draw_data(lowered<Resized>, 3, 5), resizing, 1e-5, 2e-4);
  check_golden<Nhwc, Rearranged>(reference::draw_data(lowered<Rearranged>, 2, 3), rearranged, 1e-5, 2e-4);
  check_golden<Nhwc, OfSignals>(reference::draw_data(lowered<OfSignals>, 3, 5), of_signals, 1e-5, 2e-4);
  check_golden<Nhwc, Normed>(reference::draw_data(lowered<Normed>, 3, 1), normed, 1e-5, 2e-4);
}
TEST_CASE("three steps") {
  check_steps<Nhwc, Classifier>(reference::draw_data(lowered<Classifier>, 7, 4), Adam{.rate = 0.01}, golden::classifier_gradients,
                                golden::classifier_after_adam, golden::classifier_loss_after_adam, 1e-3);
  check_steps<Nhwc, Segmenter>(reference::draw_data(lowered<Segmenter>, 5, 2), Sgd{.rate = 0.1, .momentum = 0.9}, golden::segmenter_gradients,
                               golden::segmenter_after_sgd, golden::segmenter_loss_after_sgd, 1e-3);
  check_steps<Nhwc, Rearranged>(reference::draw_data(lowered<Rearranged>, 2, 3), Adam{.rate = 0.01}, golden::rearranged_gradients,
                                golden::rearranged_after_adam, golden::rearranged_loss_after_adam, 1e-3);
  check_steps<Nhwc, OfSignals>(reference::draw_data(lowered<OfSignals>, 3, 5), Sgd{.rate = 0.1, .momentum = 0.9}, golden::signal_gradients,
                               golden::signal_after_sgd, golden::signal_loss_after_sgd, 1e-3);
  check_steps<Nhwc, Normed>(reference::draw_data(lowered<Normed>, 3, 1), Sgd{.rate = 0.1, .momentum = 0.9}, golden::normed_gradients,
                            golden::normed_after_sgd, golden::normed_loss_after_sgd, 1e-3);
}

}  // namespace golden_every_layer
