// SPDX-License-Identifier: MIT
#include "../compiled_network.hpp"
#include "../full_networks.hpp"

namespace zoo {

extern const CompiledNetwork deeplab_v3_plus{"DeepLabv3Plus", &time<FullDeepLabv3Plus>};

}  // namespace zoo
