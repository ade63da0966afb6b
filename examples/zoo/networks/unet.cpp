// SPDX-License-Identifier: MIT
#include <strata/models/unet.hpp>

#include "../compiled_network.hpp"

namespace zoo {

extern const CompiledNetwork unet{"UNet", &time<strata::models::UNet<>>};

}  // namespace zoo
