// SPDX-License-Identifier: MIT
#include <strata/models/mobilenet_v2.hpp>

#include "../compiled_network.hpp"

namespace zoo {

using strata::models::MobileNetV2;

const TrainableNetwork small_mobilenet_v2 = trainable<MobileNetV2<Small, classes>>(0.002);
extern const CompiledNetwork mobilenet_v2{"MobileNetV2", &time<MobileNetV2<>>, &predict<MobileNetV2<>>,
                                          &small_mobilenet_v2};

}  // namespace zoo
