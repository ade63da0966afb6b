// SPDX-License-Identifier: MIT
#include <strata/models/alexnet.hpp>

#include "../compiled_network.hpp"

namespace zoo {

using strata::models::AlexNet;

const TrainableNetwork small_alexnet = trainable<AlexNet<Small, classes>>(0.0003);
extern const CompiledNetwork alexnet{"AlexNet", &time<AlexNet<>>, &predict<AlexNet<>>, &small_alexnet};

}  // namespace zoo
