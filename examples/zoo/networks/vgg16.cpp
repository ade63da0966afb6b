// SPDX-License-Identifier: MIT
#include <strata/models/vgg16.hpp>

#include "../compiled_network.hpp"

namespace zoo {

using strata::models::VGG16;

const TrainableNetwork small_vgg16 = trainable<VGG16<Small, classes>>(0.0002);
extern const CompiledNetwork vgg16{"VGG16", &time<VGG16<>>, &predict<VGG16<>>, &small_vgg16};

}  // namespace zoo
