// SPDX-License-Identifier: MIT
#include <strata/models/squeezenet.hpp>

#include "../compiled_network.hpp"

namespace zoo {

using strata::models::SqueezeNet;

const TrainableNetwork small_squeezenet = trainable<SqueezeNet<Small, classes>>(0.0005);
extern const CompiledNetwork squeezenet{"SqueezeNet", &time<SqueezeNet<>>, &predict<SqueezeNet<>>, &small_squeezenet};

}  // namespace zoo
