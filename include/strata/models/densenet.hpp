// SPDX-License-Identifier: MIT
// DenseNet-121 (Huang et al., arXiv 1608.06993).
#pragma once

#include <strata/spec/layers.hpp>

#include <utility>

namespace strata::models {

namespace densenet {

/// "denselayer1" for layer 0.
template <int Layer>
constexpr auto layer_name() {
  char text[] = "denselayer00";
  constexpr int number = Layer + 1;
  if constexpr (number < 10) {
    char shorter[] = "denselayer0";
    shorter[10] = char('0' + number);
    return core::FixedString(shorter);
  } else {
    text[10] = char('0' + number / 10), text[11] = char('0' + number % 10);
    return core::FixedString(text);
  }
}

/// 32 channels of all before them, by a 1x1 and a 3x3 convolution, are added to these: H x W x C -> H x W x (C + 32).
using Layer =
    Concat<Identity, Named<"", Sequential<Named<"norm1", BatchNorm>, Named<"relu1", ReLU>,
                                          Named<"conv1", Conv<1, 128, NoBias>>, Named<"norm2", BatchNorm>,
                                          Named<"relu2", ReLU>, Named<"conv2", Conv<3, 32, Pad<1>, NoBias>>>>>;

/// `Count` layers, and the type of all.
template <class Layers>
struct BlockOf;
template <int... I>
struct BlockOf<std::integer_sequence<int, I...>> {
  using type = Sequential<Named<layer_name<I>(), Layer>...>;
};
/// `Count` such layers, "denselayer1", "denselayer2", ...
template <int Count>
using Block = typename BlockOf<std::make_integer_sequence<int, Count>>::type;

/// Halves rows, columns and channels; there are `Channels` after it.
template <int Channels>
using Transition = Sequential<Named<"norm", BatchNorm>, Named<"relu", ReLU>, Named<"conv", Conv<1, Channels, NoBias>>,
                              Named<"pool", AvgPool<2>>>;

/// The layers before the classifier, /32.
using Features121 = Sequential<Named<"conv0", Conv<7, 64, Stride<2>, Pad<3>, NoBias>>, Named<"norm0", BatchNorm>,
                               Named<"relu0", ReLU>, Named<"pool0", MaxPool<3, Stride<2>, Pad<1>>>,     // /4, 64
                               Named<"denseblock1", Block<6>>, Named<"transition1", Transition<128>>,   // /8, 128
                               Named<"denseblock2", Block<12>>, Named<"transition2", Transition<256>>,  // /16, 256
                               Named<"denseblock3", Block<24>>, Named<"transition3", Transition<512>>,  // /32, 512
                               Named<"denseblock4", Block<16>>, Named<"norm5", BatchNorm>>;             // 1024

}  // namespace densenet

/// DenseNet-121 (Huang et al., arXiv 1608.06993) with torchvision's names: H x W x C -> 1 x 1 x Classes.
template <class Input = Image<224, 224, 3>, int Classes = 1000>
using DenseNet121 = Network<Input, Named<"features", densenet::Features121>, ReLU, GlobalAvgPool,
                            Named<"classifier", Dense<Classes>>, Softmax>;

}  // namespace strata::models
