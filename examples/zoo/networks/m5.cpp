// SPDX-License-Identifier: MIT
#include <strata/models/m5.hpp>

#include "../compiled_network.hpp"

namespace zoo {

extern const CompiledNetwork m5{"M5", &time<strata::models::M5<>>};

}  // namespace zoo
