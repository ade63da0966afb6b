// SPDX-License-Identifier: MIT
// Both sizes are in one file, since they share most of their kernels.
#include "street.hpp"

namespace strata::bench {

using Street360 = Street<360, 480>;
extern constexpr Subject street_inference_360 =
    Street360::inference("street-inference-360", "street scenes, 360 x 480, inference");
extern constexpr Subject street_training_360 =
    Street360::training("street-training-360", "street scenes, 360 x 480, training step");

using Street720 = Street<720, 960>;
extern constexpr Subject street_inference =
    Street720::inference("street-inference", "street scenes, 720 x 960, inference");
extern constexpr Subject street_training =
    Street720::training("street-training", "street scenes, 720 x 960, training step");

}  // namespace strata::bench
