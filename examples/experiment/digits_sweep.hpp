// SPDX-License-Identifier: MIT
// Digits networks with at most half the multiply-adds of the reference, and what they are trained for.
#pragma once

#include <strata/data/dataset.hpp>
#include <strata/experiment.hpp>
#include <strata/models/digits.hpp>
#include <strata/train/options.hpp>

namespace digits_sweep {

using namespace strata;

template <int Kernel, int Channels, class... Option>
using ConvBnRelu = Sequential<Conv<Kernel, Channels, NoBias, Option...>, BatchNorm, ReLU>;

/// Kinds of blocks that keep rows, columns and channels.
struct Plain {
  template <int Channels>
  using layers = ConvBnRelu<3, Channels>;
};
struct Skip {
  template <int Channels>
  using layers = Sequential<Residual<Sequential<Conv<3, Channels, NoBias>, BatchNorm>>, ReLU>;
};

/// A strided convolution in place of the reference's first pool, and more channels where maps are small.
template <class P>
using Candidate =
    Network<Image<28, 28, 1>,                                                //
            ConvBnRelu<P::number("kernel"), P::number("first"), Stride<2>>,  // 14 x 14
            ConvBnRelu<3, P::number("second")>, MaxPool<2>,                  // 7 x 7
            Repeat<P::number("depth"), typename experiment::type<P, "block">::template layers<P::number("second")>>,
            ConvBnRelu<3, P::number("third"), Stride<2>>,  // 4 x 4
            Dropout<P::real("dropout")>, Dense<10>, Softmax>;

using Candidates =
    Sweep<Candidate, Axis<"kernel", 3, 5>, Axis<"first", 4, 6, 8>, Axis<"second", 8, 12, 16>, Axis<"depth", 1, 2>,
          TypeAxis<"block", Plain, Skip>, Axis<"third", 32, 48, 64>, Axis<"dropout", Real{0}, Real{0.25}>,
          AtMost<experiment::Macs, 262'000>, AtLeast<experiment::Macs, 184'000>>;

/// The task of the experiment: MNIST, with 10,000 of the training images held out to choose by.
struct Task {
  using Candidates = digits_sweep::Candidates;
  using Reference = Digits<>;
  /// Loads MNIST: from $STRATA_DATA/mnist, or downloads it. Throws Error if it cannot.
  static Splits data();
  static TrainOptions options();
};

}  // namespace digits_sweep
