// SPDX-License-Identifier: MIT
#include <strata/models/resnet18.hpp>

#include "../compiled_network.hpp"

namespace zoo {

using strata::models::ResNet34;

const TrainableNetwork small_resnet34 = trainable<ResNet34<Small, classes>>(0.001);
extern const CompiledNetwork resnet34{"ResNet34", &time<ResNet34<>>, &predict<ResNet34<>>, &small_resnet34};

}  // namespace zoo
