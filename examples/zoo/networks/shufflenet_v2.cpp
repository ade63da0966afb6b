// SPDX-License-Identifier: MIT
#include <strata/models/shufflenet_v2.hpp>

#include "../compiled_network.hpp"

namespace zoo {

using strata::models::ShuffleNetV2;

const TrainableNetwork small_shufflenet_v2 = trainable<ShuffleNetV2<Small, classes>>(0.002);
extern const CompiledNetwork shufflenet_v2{"ShuffleNetV2", &time<ShuffleNetV2<>>, &predict<ShuffleNetV2<>>,
                                           &small_shufflenet_v2};

}  // namespace zoo
