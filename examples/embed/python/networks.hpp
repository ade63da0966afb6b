// SPDX-License-Identifier: MIT
// The networks of the Python module, under the names by which Model(...) chooses them. List your own.
#pragma once

#include <strata/infer/any_model.hpp>
#include <strata/models/digits.hpp>

namespace module {

using namespace strata;

/// Labels each pixel of 48 x 64 color images with one of four classes.
using Regions = Network<Image<48, 64, 3>,                                                       //
                        Conv<3, 16>, BatchNorm, ReLU, Tap<"fine">,                              // 48 x 64 x 16
                        Conv<3, 32, Stride<2>>, BatchNorm, ReLU, Conv<3, 32>, BatchNorm, ReLU,  // 24 x 32 x 32
                        Upsample<2>, Concat<Identity, From<"fine">>,                            // 48 x 64 x 48
                        Conv<3, 16>, BatchNorm, ReLU, Conv<1, 4>, PixelSoftmax>;                // 48 x 64 x 4

using Networks = infer::Networks<infer::Entry<"digits", Digits<8, 16, 32>>,  //
                                 infer::Entry<"regions", Regions>>;

}  // namespace module
