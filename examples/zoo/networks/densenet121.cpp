// SPDX-License-Identifier: MIT
#include <strata/models/densenet.hpp>

#include "../compiled_network.hpp"

namespace zoo {

using strata::models::DenseNet121;

const TrainableNetwork small_densenet121 = trainable<DenseNet121<Small, classes>>(0.001);
extern const CompiledNetwork densenet121{"DenseNet121", &time<DenseNet121<>>, &predict<DenseNet121<>>,
                                         &small_densenet121};

}  // namespace zoo
