// SPDX-License-Identifier: MIT
#include <strata/models/fcn8s.hpp>

#include "../compiled_network.hpp"

namespace zoo {

extern const CompiledNetwork fcn8s{"FCN8s", &time<strata::models::FCN8s<>>};

}  // namespace zoo
