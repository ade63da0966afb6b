// SPDX-License-Identifier: MIT
// MobileNetV2 (Sandler et al. 2018) at 224 x 224, with torchvision's names.
#pragma once

#include <strata/graph/lower.hpp>
#include <strata/spec/layers.hpp>

namespace networks {

using namespace strata;
using namespace strata::functions;

/// min(max(x, 0), 6)
struct relu6 {
  static constexpr const char* name = "relu6";
  static constexpr auto needs = Needs::input;
  template <class T>
  STRATA_DEVICE static T f(T x) {
    return T(6.f) - maximum(T(6.f) - maximum(x, T(0.f)), T(0.f));
  }
  template <class T>
  STRATA_DEVICE static T df(T x) {
    return where_positive(x, T(1.f), T(0.f)) * where_positive(T(6.f) - x, T(1.f), T(0.f));
  }
};
using ReLU6 = Pointwise<relu6>;

template <int Kernel, int Channels, class... Option>
using ConvBnRelu6 = Sequential<Conv<Kernel, Channels, NoBias, Pad<Kernel / 2>, Option...>, BatchNorm, ReLU6>;

template <class... Option>
using DepthwiseBnRelu6 = Sequential<DepthwiseConv<3, NoBias, Pad<1>, Option...>, BatchNorm, ReLU6>;

/// Six times as many channels, a depthwise convolution, and `Out` channels.
template <int Out, int Step>
using Expanded =
    Named<"conv",
          Sequential<ConvBnRelu6<1, Times<6>>, DepthwiseBnRelu6<Stride<Step>>, Conv<1, Out, NoBias>, BatchNorm>>;

/// To `Out` channels, with a stride.
template <int Out, int Step = 1>
using To = Sequential<Expanded<Out, Step>>;
/// Around which the input, of `Out` channels, is added.
template <int Out>
using Inverted = Residual<Expanded<Out, 1>>;

using MobileNetV2 =
    Network<Image<224, 224, 3>,
            Named<"features",
                  Sequential<ConvBnRelu6<3, 32, Stride<2>>,  //
                             Sequential<Named<"conv", Sequential<DepthwiseBnRelu6<>, Conv<1, 16, NoBias>, BatchNorm>>>,
                             To<24, 2>, Inverted<24>, To<32, 2>, Repeat<2, Inverted<32>>, To<64, 2>,
                             Repeat<3, Inverted<64>>, To<96>, Repeat<2, Inverted<96>>, To<160, 2>,
                             Repeat<2, Inverted<160>>, To<320>, ConvBnRelu6<1, 1280>>>,
            GlobalAvgPool, Named<"classifier", Sequential<Dropout<Real{0.2}>, Dense<1000>>>, Softmax>;
static_assert(parameters<MobileNetV2> == 3'504'872);

}  // namespace networks
