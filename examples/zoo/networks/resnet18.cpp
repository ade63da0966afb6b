// SPDX-License-Identifier: MIT
#include "../compiled_network.hpp"
#include "../full_networks.hpp"

namespace zoo {

const TrainableNetwork small_resnet18 = trainable<strata::ResNet18<Small, classes>>(0.001);
extern const CompiledNetwork resnet18{"ResNet18", &time<FullResNet18>, &predict<FullResNet18>, &small_resnet18};

}  // namespace zoo
