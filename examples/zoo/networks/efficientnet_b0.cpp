// SPDX-License-Identifier: MIT
#include <strata/models/efficientnet.hpp>

#include "../compiled_network.hpp"

namespace zoo {

using strata::models::EfficientNetB0;

const TrainableNetwork small_efficientnet_b0 = trainable<EfficientNetB0<Small, classes>>(0.002);
extern const CompiledNetwork efficientnet_b0{"EfficientNetB0", &time<EfficientNetB0<>>, &predict<EfficientNetB0<>>,
                                             &small_efficientnet_b0};

}  // namespace zoo
