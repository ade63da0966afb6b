// SPDX-License-Identifier: MIT
#include "street.hpp"

namespace strata::bench {

using Street720 = Street<720, 960>;
extern constexpr Subject street_inference = Street720::inference("street-inference", "street scenes, 720 x 960, inference");
extern constexpr Subject street_training = Street720::training("street-training", "street scenes, 720 x 960, training step");

}  // namespace strata::bench
