// SPDX-License-Identifier: MIT
#include <strata/models/mobilenet_v3.hpp>

#include "../compiled_network.hpp"

namespace zoo {

using strata::models::MobileNetV3Small;

const TrainableNetwork small_mobilenet_v3_small = trainable<MobileNetV3Small<Small, classes>>(0.002);
extern const CompiledNetwork mobilenet_v3_small{"MobileNetV3Small", &time<MobileNetV3Small<>>,
                                                &predict<MobileNetV3Small<>>, &small_mobilenet_v3_small};

}  // namespace zoo
