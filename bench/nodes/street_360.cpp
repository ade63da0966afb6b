// SPDX-License-Identifier: MIT
#include "street.hpp"

namespace strata::bench {

using Street360 = Street<360, 480>;
extern constexpr Subject street_inference_360 = Street360::inference("street-inference-360", "street scenes, 360 x 480, inference");
extern constexpr Subject street_training_360 = Street360::training("street-training-360", "street scenes, 360 x 480, training step");

}  // namespace strata::bench
