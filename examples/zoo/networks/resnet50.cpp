// SPDX-License-Identifier: MIT
#include <strata/models/resnet50.hpp>

#include "../compiled_network.hpp"

namespace zoo {

using strata::models::ResNet50;

const TrainableNetwork small_resnet50 = trainable<ResNet50<Small, classes>>(0.001);
extern const CompiledNetwork resnet50{"ResNet50", &time<ResNet50<>>, &predict<ResNet50<>>, &small_resnet50};

}  // namespace zoo
