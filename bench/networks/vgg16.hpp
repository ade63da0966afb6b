// SPDX-License-Identifier: MIT
// VGG-16 (Simonyan and Zisserman 2015) at 224 x 224, torchvision's without batch norms.
#pragma once

#include <strata/graph/lower.hpp>
#include <strata/spec/layers.hpp>

namespace networks {

using namespace strata;

/// `Count` 3x3 convolutions, and a pool that halves the map.
template <int Count, int Channels>
using PooledConvolutions = Sequential<Repeat<Count, Conv<3, Channels>, ReLU>, MaxPool<2>>;

using VGG16 = Network<Image<224, 224, 3>,  //
                      PooledConvolutions<2, 64>, PooledConvolutions<2, 128>, PooledConvolutions<3, 256>,
                      PooledConvolutions<3, 512>, PooledConvolutions<3, 512>,  //
                      Dense<4096>, ReLU, Dropout<>, Dense<4096>, ReLU, Dropout<>, Dense<1000>, Softmax>;
static_assert(parameters<VGG16> == 138'357'544);

}  // namespace networks
